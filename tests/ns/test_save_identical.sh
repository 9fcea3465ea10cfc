#!/bin/bash
# A tree with every kind of file and attribute is the same after a save and a boot, by the
# word of bsdtar's mtree and of getfattr, which are not slate's; and a container tool that
# unpacks an image whose top layer is a slot file sees that tree.
# timeout: 240
. tests/ns/overlay.sh

restore
(
	cd root/etc || exit
	echo mine >hostname
	chown 1000:4000000000 hostname
	chmod 0640 hostname
	rm -r motd gone.d opq
	mkdir opq empty sticky setgid private
	echo new >opq/new
	chmod 1777 sticky
	chmod 2755 setgid
	chmod 0700 private
	chown 12:34 private
	ln -s ../nowhere dangling
	ln -s /absolute/target absolute
	chown -h 7:8 dangling
	echo linked >link-1
	ln link-1 link-2
	ln link-1 private/link-3
	ln -s link-1 symlinked
	cp /bin/true able
	setcap cap_net_raw,cap_net_admin+ep able
	setfattr -n trusted.note -v hello link-1
	setfattr -n trusted.binary -v 0x00ff0a3d empty
	setfacl -m u:1234:rw,g:77:r conf.d/1
	setfacl -d -m g:99:rx empty
	echo two >conf.d/2
	chmod 0000 conf.d/3
	deep=$(printf 'd%.0s' $(seq 200))
	mkdir -p "$deep/$deep"
	echo deep >"$deep/$deep/$(printf 'f%.0s' $(seq 250))"
	echo space >"a name with blanks"
	echo utf >ünïcode
	echo bytes >$'not\xffutf8'
	echo back >'back\slash'
	head -c 3000000 /dev/urandom >large
	truncate -s 1000000 sparse
	: >zero
	touch -d '2001-02-03 04:05:06.789012345' hostname
	touch -d '1960-01-01 00:00:00.5' zero
	touch -d '2250-01-01 00:00:00.25' large
	touch -h -d '1999-01-01 01:01:01.1' dangling
	find . -type d -exec touch -d '2010-10-10 10:10:10.10' {} +
)

# By bsdtar: type, mode, owner, size, time to the nanosecond, link target and count, digest.
tree() {
	LC_ALL=C.UTF-8 bsdtar -C "$1" -cf - --format=mtree \
		--options='!all,type,mode,uid,gid,size,time,link,nlink,sha256' etc |
		sed -E '/type=dir/s/ (nlink|size)=[0-9]+//g' | LC_ALL=C sort
}

# Attributes and ACLs, by getfattr; and which names are one file.
rest() {
	(
		cd "$1" || exit
		find etc -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m '^(user|trusted\.[nb]|security|system)' \
			-e hex -- 2>/dev/null
		find etc -type f -links +1 -printf '%i %p\n' | LC_ALL=C sort -k2 |
			awk '!($1 in n) { n[$1] = ++count } { print n[$1], $2 }'
	)
}

tree root >before.tree
rest root >before.rest
check "the save succeeds" save
check "the boot restores it" restore
check "and nothing is degraded" sh -c '! grep -q ^degraded restore.out'
tree root >after.tree
rest root >after.rest
check "bsdtar sees the same tree" diff before.tree after.tree
check "getfattr sees the same attributes, and hard links are one file" diff before.rest after.rest
check "the tree is of something" test "$(wc -l <before.tree)" -gt 25
check "with ACLs, capabilities and attributes" sh -c '
	grep -q system.posix_acl_default before.rest && grep -q security.capability before.rest &&
	grep -q trusted.binary=0x00ff0a3d before.rest'

# --- As the top layer of a container image ---

command -v umoci >/dev/null || { echo "ok a container image # SKIP no umoci"; finish; exit; }

# The image's own tree, then the slot as it is: a file of gzip with zeros behind it.
oci_image() {
	rm -rf oci && mkdir -p oci/blobs/sha256
	tar -C pristine -cf base.tar . || return
	size=$(python3 -c 'import struct,sys; print(512 + struct.unpack("<Q", open(sys.argv[1], "rb").read(40)[32:])[0])' "$1")
	head -c "$size" "$1" >slot.gz
	python3 - base.tar slot.gz <<'END'
import gzip, hashlib, json, sys
def blob(data):
    digest = hashlib.sha256(data).hexdigest()
    open("oci/blobs/sha256/" + digest, "wb").write(data)
    return {"digest": "sha256:" + digest, "size": len(data)}
KIND = "application/vnd.oci.image."
base, slot = (open(name, "rb").read() for name in sys.argv[1:])
layers = [dict(blob(base), mediaType=KIND + "layer.v1.tar"), dict(blob(slot), mediaType=KIND + "layer.v1.tar+gzip")]
plain = ["sha256:" + hashlib.sha256(data).hexdigest() for data in (base, gzip.decompress(slot))]
config = blob(json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                          "rootfs": {"type": "layers", "diff_ids": plain}}).encode())
manifest = blob(json.dumps({"schemaVersion": 2, "mediaType": KIND + "manifest.v1+json",
                            "config": dict(config, mediaType=KIND + "config.v1+json"), "layers": layers}).encode())
json.dump({"schemaVersion": 2, "manifests": [dict(manifest, mediaType=KIND + "manifest.v1+json",
           annotations={"org.opencontainers.image.ref.name": "slate"})]}, open("oci/index.json", "w"))
json.dump({"imageLayoutVersion": "1.0.0"}, open("oci/oci-layout", "w"))
END
}

check "an image is made of the root and a slot" oci_image "$(slot 0)"
check "umoci unpacks it" sh -c 'umoci unpack --image oci:slate bundle >umoci.out 2>&1 || { sed "s/^/# /" umoci.out; false; }'
tree bundle/rootfs >oci.tree
rest bundle/rootfs >oci.rest
# umoci knows no ACLs; without one the mode of such a file shows its mask
without_acls() {
	grep -v -e '^\./etc/conf\.d/1 ' -e '^system\.posix_acl' -e '^# file: etc/conf\.d/1$' -e '^$' "$1"
}
for file in before.tree oci.tree before.rest oci.rest; do without_acls $file >$file.plain; done
check "and bsdtar sees the machine's tree in it" diff before.tree.plain oci.tree.plain
check "with its attributes and hard links" diff before.rest.plain oci.rest.plain
finish
