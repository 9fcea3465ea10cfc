#!/bin/sh
# Writes the suite's present versions and their digests into sources.lock, for
# whoever has then run the tests on them.
set -eu
. "${0%/*}/lib.sh"

new=$(mktemp)
trap 'rm -f "$new"' EXIT
grep '^#' "$lock" >"$new"
for machine in x86_64 aarch64; do
	SLATE_ARCH=$machine "$deps_dir/fetch.sh" --present
done | awk '!seen[$0]++' | while read -r kind package version file; do
	sum=$(sha256sum <"$cache/sources/$file")
	echo "$kind $package $version $file ${sum%% *}"
done >>"$new"
cat "$new" >"$lock"
