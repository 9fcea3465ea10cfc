# Sourced by the tests of the overlay: runs the test again in a mount namespace of
# its own, in an empty tmpfs, with $driver built (see overlay_driver.c) and a small
# pristine/ and an empty medium/ made. `check NAME COMMAND…` is one test.

[ "$(id -u)" = 0 ] || { echo "ok ${0##*/} # SKIP needs root: mounts and foreign owners"; exit 0; }
[ "$OVERLAY_TEST" ] || OVERLAY_TEST=$(pwd) exec unshare --mount "$0" "$@"

BUILD=${BUILD:-$OVERLAY_TEST/build}
driver=$BUILD/ns/overlay_driver
failures=0

build_driver() {
	mkdir -p "$BUILD/ns"
	for source in tests/ns/overlay_driver.c overlay/*/*.[ch] init/base/*.[ch]; do
		[ "$source" -nt "$driver" ] || continue
		${CC:-cc} -std=c17 -D_GNU_SOURCE -O1 -g -o "$driver.$$" tests/ns/overlay_driver.c \
			overlay/*/*.c init/base/*.c -lisal -lz -lsodium -lmbedcrypto && mv "$driver.$$" "$driver"
		return
	done
}

check() {
	name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		failures=$((failures + 1))
	fi
}

# The exit status of a test script, as its last line.
finish() {
	cd /
	[ "$failures" = 0 ]
}

restore() {
	"$driver" . restore "$@" >restore.out 2>&1
}

save() {
	"$driver" . save "$@" >save.out 2>&1
}

# keep WORD: saves it in /etc/word. word WORD: the root has it. told TEXT: the last
# restore has said this.
keep() {
	echo "$1" >root/etc/word
	save || cat save.out
}

word() {
	[ "$(cat root/etc/word)" = "$1" ] && return
	echo "# $(cat root/etc/word restore.out save.out)"
	return 1
}

told() {
	grep -qe "$1" restore.out && return
	echo "# $(cat restore.out)"
	return 1
}

slot() {
	echo "medium/slate/saved/default/slot-$1.apkovl.tar.gz"
}

build_driver || { echo "not ok the driver is built"; exit 1; }
base=$(mktemp -d)
mount -t tmpfs -o mode=0755 tmpfs "$base"
cd "$base" || exit 1
mkdir -p medium pristine/etc/conf.d pristine/root pristine/usr/bin pristine/etc/opq pristine/etc/gone.d
chmod 700 pristine/root
echo shipped >pristine/etc/hostname
echo motd >pristine/etc/motd
echo old >pristine/etc/opq/old
echo a >pristine/etc/gone.d/a
for i in 1 2 3; do echo "$i" >"pristine/etc/conf.d/$i"; done
cp /bin/true pristine/usr/bin/su
chmod 4755 pristine/usr/bin/su
