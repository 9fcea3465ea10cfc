#!/bin/bash
# coverage.sh [--merge]: the lines of each decoder that its fuzz target's seeds reach; the
# exit status is 1 where one is below 90%. --merge first adds to the seeds what seeds.py
# makes, as far as it reaches more (files above 12 KiB are left out).
set -u
cd "$(dirname "$0")/../.." || exit 1
out=${BUILD:-build}/fuzz-coverage
clang=${CLANG:-clang}
mkdir -p "$out"

# target: the decoders that it is for
decoders='
archive       tar tarin pax member acl check
gzip          gzin
slot          slot
rootmanifest  rootmanifest
statefile     statefile
goneback      goneback
savelist      savelist
minisign      minisign
'

build() {
	"$clang" -std=c17 -D_GNU_SOURCE -DSLATE_VERSION='"fuzz"' -O1 -g -fsanitize=fuzzer \
		-fprofile-instr-generate -fcoverage-mapping -o "$out/$1" "tests/fuzz/fuzz_$1.c" \
		overlay/*/*.c init/base/*.c -larchive -lsodium -lisal -lz -lmount -lblkid -lmbedcrypto
}

merge() {
	"$out/$1" -set_cover_merge=1 "tests/fuzz/seeds/$1" "$out/new/$1" >"$out/$1.log" 2>&1
	find "tests/fuzz/seeds/$1" -size +12k -delete
}

status=0
[ "${1:-}" != --merge ] || tests/fuzz/seeds.py "$out/new" || exit 1
while read -r target files; do
	[ -n "$target" ] || continue
	build "$target" || exit 1
	[ "${1:-}" != --merge ] || LLVM_PROFILE_FILE=/dev/null merge "$target"
	LLVM_PROFILE_FILE=$out/$target.raw "$out/$target" -runs=0 "tests/fuzz/seeds/$target" >"$out/$target.log" 2>&1 ||
		exit 1
	llvm-profdata merge -sparse "$out/$target.raw" -o "$out/$target.profile" || exit 1
	for file in $files; do
		source=$(echo overlay/*/"$file.c")
		lines=$(llvm-cov report "$out/$target" -instr-profile="$out/$target.profile" "$source" 2>/dev/null |
			awk '/^TOTAL/ { print $10 }')
		echo "$target $source $lines"
		[ "${lines%%.*}" -ge 90 ] || status=1
	done
done <<<"$decoders"
exit $status
