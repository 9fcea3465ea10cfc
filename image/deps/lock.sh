#!/bin/sh
# Writes the suite's present versions and their digests into sources.lock, for
# whoever has then run the tests on them.
set -eu
. "${0%/*}/lib.sh"

new=$(mktemp)
trap 'rm -f "$new"' EXIT
grep '^#' "$lock" >"$new"
"$deps_dir/fetch.sh" --present | while read -r kind package version file; do
	sum=$(sha256sum <"$cache/sources/$file")
	echo "$kind $package $version $file ${sum%% *}"
done >>"$new"
cat "$new" >"$lock"
