"""What tests of saved configuration share: a tree with all that a file can have, and its inventory.

Attributes of the user. class are left out: a tmpfs has them from Linux 6.6 on.
"""

import random

# BusyBox' shell prefers its own applets, so those of Debian's coreutils have their full paths.
# One line a file: type, mode, owner, links, size, times to the nanosecond, sum, and each extended
# attribute (capabilities and ACLs are attributes) in hex.
INVENTORY = r"""
find {0} | sort | while read -r f; do
	[ -d "$f" ] && /usr/bin/stat -c '%n %F %a %u:%g %y' "$f"
	[ -d "$f" ] || /usr/bin/stat -c '%n %F %a %u:%g %h %s %y' "$f"
	[ -h "$f" ] && readlink "$f"
	[ -h "$f" ] || [ ! -f "$f" ] || sha256sum <"$f"
	[ -h "$f" ] || /usr/bin/getfattr -d -m - -e hex --absolute-names "$f"
done
"""

MAKE = r"""
rm -rf {0}
mkdir -p {0}/empty {0}/deep/er
chmod 2751 {0}/deep; chown 12:3456 {0}/deep
head -c {size} /dev/urandom >{0}/random
head -c 70000 /dev/urandom >{0}/large
chmod {mode:o} {0}/random; chown {uid}:{gid} {0}/random
ln {0}/random {0}/deep/hard
ln -s ../random {0}/deep/soft
ln -s /nowhere {0}/dangling
echo 'a name with blanks' >"{0}/deep/er/a name with blanks and ümläuts"
: >{0}/nothing
cp /bin/busybox {0}/tool
setcap cap_net_raw,cap_net_bind_service=ep {0}/tool
setfattr -n trusted.comment -v 'any "value"' {0}/large
setfattr -n trusted.secret -v hidden {0}/large
echo acl >{0}/acl
setfacl -m u:1000:rw,g:5:r,m::rw {0}/acl
setfacl -d -m u:1000:rwx {0}/deep
/usr/bin/touch -d '@{seconds}.{nanoseconds:09}' {0}/random
/usr/bin/touch -d '2001-02-03 04:05:06.987654321' {0}/acl
/usr/bin/touch -h -d '@1234567890.5' {0}/deep/soft
/usr/bin/touch -d '@{seconds}.000000001' {0}/deep
"""


def make_tree(shell, folder, seed):
    """Makes a tree that differs by `seed` in contents, owner, mode and times."""
    chance = random.Random(seed)
    shell.ok(MAKE.format(folder, size=chance.randrange(1, 20000), uid=chance.randrange(70000),
                         gid=chance.randrange(70000), mode=chance.choice([0o600, 0o644, 0o755, 0o444]),
                         seconds=chance.randrange(1, 1_700_000_000), nanoseconds=chance.randrange(10**9)))


def inventory(shell, *folders):
    return shell.ok(INVENTORY.format(" ".join(folders)))
