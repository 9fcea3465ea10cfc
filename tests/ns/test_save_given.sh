#!/bin/bash
# What the boot puts into the root by itself is nobody's change for as long as it is as it
# was given: no save keeps it, nothing goes back over it. From the first change on it is.
. tests/ns/overlay.sh
. "$OVERLAY_TEST/tests/ns/commands.sh" || exit 1
mount_medium

# As a boot with the fleet's files does it, over what is saved; the words are the paths.
give() {
	rm -f $run/names
	"$driver" . note $run/names $root "$@" || exit 1
	mkdir -p $root/etc/site/deep
	echo "till-1" >$root/etc/hostname
	echo "of the server" >$root/etc/motd
	echo "shop" >$root/etc/site/deep/shop
	ln -sf deep/shop $root/etc/site/link
	rm -rf $root/etc/gone.d
	mkdir -p $root/srv
	echo "a page" >$root/srv/page
	"$driver" . give $run/given $run/names $run/overlay/upper || exit 1
}

in_root /bin/sh -c 'echo mine >/etc/motd; echo mine >/etc/conf.d/1'
check "a save from before any of it was given" says '^generation 1 saved: 4 files' /bin/slate save
give etc/hostname etc/motd etc/site/deep/shop etc/site/link etc/gone.d srv/page
check "only root may read the digests" test "$(stat -c %a $run/given)" = 600
check "nothing is unsaved, whatever was saved of it" prints "" /bin/slate diff
check "nor would anything else be worth keeping" prints "" /bin/slate learn
check "against the image it is no change either" prints "U etc/conf.d/1 (content) [config]" /bin/slate diff --image
check "a save leaves it out, and what was saved of it" says '^generation 2 saved: 3 files' /bin/slate save
check "which holds what the user changed" prints "etc
etc/conf.d
etc/conf.d/1" /bin/slate list

in_root /bin/sh -c 'touch /etc/motd; echo more >/etc/site/mine'
check "a touch is no change, and a directory that was given holds changes" \
	prints "A etc/site/mine [config]" /bin/slate diff
check "which a save keeps, with the way to it" says '^generation 3 saved: 5 files' /bin/slate save

check "going back to what was saved before leaves it alone" says '^generation 4 is generation 1 again' \
	/bin/slate restore 1
check "as the next boot would" test "$(cat $root/etc/hostname $root/etc/motd $root/etc/site/link)" = "till-1
of the server
shop"
check "but not what else there was" test ! -e $root/etc/site/mine
check "nor does revert go back over it" prints "/etc/motd is as the boot has given it" /bin/slate revert /etc/motd
check "and changes nothing" test "$(cat $root/etc/motd)" = "of the server"

in_root /bin/sh -c 'echo till-2 >/etc/hostname; chmod 600 /etc/motd; rm /etc/site/link; ln -s other /etc/site/link'
check "each change is one from then on, and is told with where it came from" prints \
	"U etc/hostname (content, given at each boot) [identity]
U etc/motd (content, mode, given at each boot) [config]
A etc/site/link (given at each boot) [config]" /bin/slate diff
check "a save keeps it" says '^generation 5 saved: 7 files' /bin/slate save
check "then it is saved" prints "" /bin/slate diff
in_root /bin/sh -c 'echo till-1 >/etc/hostname'
check "one that is as it was again is no change" prints "" /bin/slate diff
in_root /bin/sh -c 'echo till-2 >/etc/hostname'
check "one that was changed goes back as any other" says '^/etc/hostname is as in the image' \
	/bin/slate revert --image /etc/hostname

rm $run/given
check "without the list, as after a boot that gave nothing, all are changes" says '^A etc/site/deep/shop' /bin/slate diff
drop_medium
finish
