#!/bin/sh
# `slate image build` on a root, a kernel and modules made up for the occasion:
# what lands in the initramfs, on the medium and in the images, as other tools see it.
set -u

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
slate=${SLATE:-$build/slate}
SLATE_TREE=$PWD
export SLATE_TREE
PATH=$PATH:/usr/sbin:/sbin
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
failed=0

ok() { echo "ok $1"; }
not_ok() { echo "not ok $1"; failed=1; shift; [ $# -eq 0 ] || printf '# %s\n' "$@"; }
holds() { # NAME COMMAND...
	name=$1
	shift
	if output=$("$@" 2>&1); then ok "$name"; else not_ok "$name" "$output"; fi
}
has() { # NAME TEXT PATTERN
	if printf '%s\n' "$2" | grep -q -- "$3"; then ok "$1"; else not_ok "$1" "no $3 in: $2"; fi
}
has_not() {
	if printf '%s\n' "$2" | grep -q -- "$3"; then not_ok "$1" "$3 in: $2"; else ok "$1"; fi
}

# --- A kernel of release 9.9.9-test with a few modules -------------------------

# module FOLDER NAME MODINFO...: an object file with what depmod and libkmod read;
# $code is added to it.
module() {
	folder=mods/lib/modules/9.9.9-test/kernel/$1 name=$2
	shift 2
	mkdir -p "$folder"
	{
		printf '__attribute__((section(".modinfo"), used)) static const char m[] =\n'
		printf '"license=GPL\\0" "name=%s\\0" "vermagic=9.9.9-test \\0"\n' "$name"
		for line in "$@"; do printf '"%s\\0"\n' "$line"; done
		echo ";${code:-}"
	} | gcc -x c -c -o "$folder/$name.ko" -
}

make_kernel() {
	printf 'HdrS' | dd of=kernel bs=1 seek=514 conv=notrunc status=none
	printf '\000\002' | dd of=kernel bs=1 seek=526 conv=notrunc status=none
	printf '9.9.9-test (somebody) #1' | dd of=kernel bs=1 seek=1024 conv=notrunc status=none
	truncate -s 65536 kernel
	module fs/overlayfs overlay
	module drivers/block loop
	module fs/squashfs squashfs softdep=pre:\ zstd_test
	module crypto zstd_test
	module fs/erofs erofs
	code='__attribute__((section("__ksymtab_strings"), used)) static const char s[] = "ata_thing";
		int ata_thing, __ksymtab_ata_thing;' module drivers/misc libata
	code='extern int ata_thing; int *user = &ata_thing;' \
		module drivers/ata ahci alias=pci:v1* depends=libata firmware=ahci/test.fw
	module drivers/net/ethernet veryfar
	xz mods/lib/modules/9.9.9-test/kernel/drivers/ata/ahci.ko
	: >mods/lib/modules/9.9.9-test/modules.order
	: >mods/lib/modules/9.9.9-test/modules.builtin
	: >mods/lib/modules/9.9.9-test/modules.builtin.modinfo
	depmod -b mods 9.9.9-test
}

make_root() {
	mkdir -p root/usr/bin root/usr/lib/firmware/ahci root/etc/slate root/dev
	ln -s usr/lib root/lib
	echo one >root/etc/one
	echo fw >root/usr/lib/firmware/ahci/test.fw
	echo rootwait=77 >root/etc/slate/slate.conf
	# of whoever the root was copied from
	mkdir -p root/etc/ssh root/var/lib/systemd
	echo 0123456789abcdef0123456789abcdef >root/etc/machine-id
	echo secret >root/etc/ssh/ssh_host_rsa_key
	echo seed >root/var/lib/systemd/random-seed
}

make() { # OUT ARGS...
	out=$1
	shift
	"$slate" image build --root root --kernel kernel --modules mods/lib/modules/9.9.9-test \
		-o "$out" "$@"
}
in_initramfs() { zstd -dcq "$1/initramfs.img" | cpio -it --quiet 2>/dev/null; }
on_fat() { MTOOLS_SKIP_CHECK=1 mtype -i "$1/disk.img@@2M" "::$2"; }

make_kernel
make_root

# --- The usual image -----------------------------------------------------------

holds 'a disk is built of any root' make out --cmdline 'quiet slate.name=kiosk'
has 'what belongs to one machine is told' "$output" 'left out of the image.*: etc/machine-id, etc/ssh/ssh_host_rsa_key, var/lib/systemd/random-seed$'
said=$(unsquashfs -l out/root.squashfs 2>/dev/null)
has 'what belongs to all is in the image' "$said" 'etc/one$'
has_not 'and what belongs to one is not' "$said" 'machine-id\|_key$\|random-seed'
list=$(in_initramfs out)
has 'slate-boot is the init' "$list" '^init$'
has 'the units that slate ships are there' "$list" '^lib/slate/system/multi-user.target$'
has 'a masked unit is a link' "$list" '^lib/slate/system/systemd-journald.service$'
has 'hooks are there' "$list" '^lib/slate/hooks/getty$'
has_not 'the units are there once' "$list" 'hooks/units'
has 'a required module is there' "$list" 'kernel/fs/overlayfs/overlay.ko$'
has 'a module that came packed has its plain name' "$list" 'ata/ahci.ko$'
has 'each module is gzip of its own' "$(zstd -dcq out/initramfs.img | cpio -i --quiet --to-stdout '*/ahci.ko' | gunzip | head -c 4 | od -An -c)" '177   E   L   F'
has 'but for what every boot loads' "$(zstd -dcq out/initramfs.img | cpio -i --quiet --to-stdout '*/overlay.ko' | head -c 4 | od -An -c)" '177   E   L   F'
has 'each sub-command says what it takes' "$("$slate" image write --help)" '^usage: slate image write .*DISK$'
has 'and that of build all options' "$("$slate" image build -h)" '^  --kernel FILE  '
has 'what a module depends on is there' "$list" 'misc/libata.ko$'
has 'and its soft dependencies' "$list" 'crypto/zstd_test.ko$'
has_not 'a module that no boot needs is not' "$list" 'veryfar'
has 'firmware that a module asks for is there' "$list" '^lib/firmware/ahci/test.fw$'
has 'the indexes are there' "$list" 'modules.alias.bin$'
has 'the settings of the root are there' "$list" '^etc/slate/slate.conf$'
holds 'the indexes are of these modules' sh -c 'zstd -dcq out/initramfs.img | (mkdir x; cd x; cpio -id --quiet 2>/dev/null); grep -q "^kernel/drivers/ata/ahci.ko: kernel/drivers/misc/libata.ko$" x/lib/modules/9.9.9-test/modules.dep'
has 'cmdline is the text for the boot loader' "$(cat out/cmdline)" '^root=LABEL=SLATE quiet slate.name=kiosk$'

holds 'the medium holds the root image' sh -c 'MTOOLS_SKIP_CHECK=1 mcopy -n -i out/disk.img@@2M ::slate/root.squashfs copy && cmp copy out/root.squashfs'
has 'slate.conf names both images' "$(on_fat out slate/slate.conf)" '^slate.image=slate/root.squashfs:slate/modules.squashfs$'
has 'modules lie where the root has its libraries' "$(unsquashfs -l out/modules.squashfs 2>/dev/null)" 'usr/lib/modules/9.9.9-test/kernel'
for n in 0 1 2 3; do
	on_fat out "slate/saved/kiosk/slot-$n.apkovl.tar.gz" >slot
	holds "slot $n is 4 MiB of zeros" cmp -n 4194304 slot /dev/zero
	holds "slot $n has that size" [ "$(stat -c %s slot)" -eq 4194304 ]
done
has 'the partition is named' "$(sfdisk -d out/disk.img 2>/dev/null)" 'start= *4096,.*name="SLATE"'
has 'the file system is labelled' "$(blkid -p -O 2097152 out/disk.img 2>/dev/null || mlabel -s -i out/disk.img@@2M ::)" 'SLATE'
parts=$(sfdisk -d out/disk.img 2>/dev/null)
has 'BIOS has its partition before it' "$parts" 'start= *2048, size= *2048, type=21686148-6449-6E6F-744E-656564454649'
has 'UEFI finds the medium by its type' "$parts" 'start= *4096,.*type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
has 'the menu starts it with the command line' "$(on_fat out boot/grub/grub.cfg)" "linux /boot/vmlinuz 'root=LABEL=SLATE' 'quiet' 'slate.name=kiosk'$"
has 'the menu offers failsafe' "$(on_fat out boot/grub/grub.cfg)" 'slate.name=kiosk. failsafe$'
on_fat out boot/initramfs.img >copy
holds 'the boot loader finds the initramfs' cmp copy out/initramfs.img
has 'UEFI finds a program' "$(on_fat out EFI/BOOT/BOOTX64.EFI | file -)" 'EFI (\?application'
holds 'the disk is whole to sfdisk' sfdisk --verify -q out/disk.img
has 'info tells what was made' "$("$slate" image info out)" 'initramfs, .* modules of 9.9.9-test'
cp out/root.squashfs first.squashfs
make out >/dev/null 2>&1
holds 'the same root gives the same image' cmp first.squashfs out/root.squashfs

# --- The other kinds -------------------------------------------------------------

mkdir -p root/usr/lib/modules/9.9.9-test
holds 'ext4 and erofs' make other --medium ext4 --fs erofs --label STICK --slots 2 --slot-size 2 --size 96
holds 'no second image where the root has its modules' [ ! -e other/modules.erofs ]
# The medium's partition is the first of the table; ext4 lies behind the one for UEFI.
start_of() { sfdisk -d "$1" 2>/dev/null | sed -n 's/.*img1 : start= *\([0-9]*\).*/\1/p'; }
debug() { debugfs -R "$1" "other/disk.img?offset=$(($(start_of other/disk.img) * 512))" 2>/dev/null; }
has 'the ext4 medium holds the erofs' "$(debug 'ls -p /slate')" root.erofs
debug 'dump /slate/saved/default/slot-1.apkovl.tar.gz slot' >/dev/null
holds 'a slot on ext4 is zeros' cmp -n 2097152 slot /dev/zero
has 'a slot on ext4 is written out and in one piece' \
	"$(debug 'stat /slate/saved/default/slot-1.apkovl.tar.gz' | tr '\n' ' ')" 'EXTENTS: (0-511):[0-9-]* *$'
has 'cmdline names the label' "$(cat other/cmdline)" '^root=LABEL=STICK$'
parts=$(sfdisk -d other/disk.img 2>/dev/null)
has 'a disk of ext4 has a partition for UEFI before it' "$parts" 'disk.img3 : .*type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B'
start=$(printf '%s\n' "$parts" | sed -n 's/.*img3 : start= *\([0-9]*\).*/\1/p')
has 'which holds the program' "$(MTOOLS_SKIP_CHECK=1 mdir -b -/ -i "other/disk.img@@$((start * 512))" ::)" 'EFI/BOOT/BOOTX64.EFI'
has 'the menu lies on ext4' "$(debug 'cat /boot/grub/grub.cfg')" 'initrd /boot/initramfs.img'
has 'and belongs to root' "$(debug 'stat /boot/grub/grub.cfg')" 'User: *0  *Group: *0 '
holds 'a disk without a boot loader' make plain --no-bootloader
has_not 'has one partition' "$(sfdisk -d plain/disk.img 2>/dev/null)" 'disk.img2'
has_not 'and no boot folder' "$(MTOOLS_SKIP_CHECK=1 mdir -b -i plain/disk.img@@2M ::)" boot

holds 'an ISO' make cd --type iso --label DISC
holds 'an ISO instead of a disk' [ -e cd/disk.iso -a ! -e cd/disk.img ]
said=$(xorriso -indev cd/disk.iso -report_el_torito plain -report_system_area plain -find /slate 2>&1)
has 'has the label' "$said" "^Volume id *: 'DISC'"
has 'starts as a CD on BIOS' "$said" 'El Torito boot img : *1  BIOS  y'
has 'starts as a CD on UEFI' "$said" 'El Torito boot img : *2  UEFI  y'
has 'starts as a stick on BIOS' "$said" 'System area summary: MBR.* grub2-mbr'
has 'starts as a stick on UEFI' "$said" 'GPT partition path : *2  /boot/grub/efi.img'
has 'holds the root image' "$said" "'/slate/root.squashfs'"
has_not 'has no places for what it cannot save' "$said" slot-0
xorriso -osirrox on -indev cd/disk.iso -extract /boot/grub/loopback.cfg loopback.cfg >/dev/null 2>&1
has 'tells GRUB how to start it as a file' "$(cat loopback.cfg)" "'root=LABEL=DISC' \"findiso=\${iso_path}\"$"
rmdir root/usr/lib/modules/9.9.9-test
holds 'everything with --all-drivers' make all --all-drivers --cmdline init=/sbin/init
has 'every module is there' "$(in_initramfs all)" veryfar.ko

# --- Images that FAT is too small for --------------------------------------------

# Instead of mksquashfs: what that makes, and a hole behind it.
mkdir large
cat >large/mksquashfs <<'END'
#!/bin/sh
/usr/bin/mksquashfs "$@" || exit
case $2 in */root.squashfs) truncate -s "$LARGE" "$2" ;; esac
END
chmod +x large/mksquashfs
make_large() { # SIZE OUT ARGS...
	LARGE=$1
	shift
	(export LARGE PATH="$PWD/large:$PATH"; make "$@" 2>&1)
}
mkdir -p root/usr/lib/modules/9.9.9-test
said=$(make_large 4294967296 large/out)
has 'of 4 GiB makes the disk ext4' "$said" '^disk.img .* ext4, label SLATE'
has 'and that is told' "$said" 'FAT holds no file of 4 GiB, as root.squashfs is one'
has 'the whole of it is on the disk' "$(debugfs -R 'stat /slate/root.squashfs' "large/out/disk.img?offset=$(($(start_of large/out/disk.img) * 512))" 2>/dev/null)" \
	'Size: 4294967296$'
holds 'a hole takes no room' [ "$(du -m large/out/disk.img | cut -f1)" -lt 200 ]
said=$(make_large 4294967296 large/fat --medium fat)
has 'FAT that was asked for is refused, with the way out' "$said" \
	'medium: --medium fat: root.squashfs has 4096 MiB, and FAT holds no file of 4096 MiB; --medium ext4 does; .*large/fat is as it was$'
has_not 'and nothing is made' "$(ls large/fat)" .
said=$(make_large 2147483649 large/half --no-bootloader)
has 'one of 2 GiB and a byte goes onto FAT' "$said" '^disk.img .* FAT, label SLATE'
has 'as it is' "$(MTOOLS_SKIP_CHECK=1 mdir -i large/half/disk.img@@2M ::slate)" ' 2147483649 '
rm -rf large
rmdir root/usr/lib/modules/9.9.9-test

# --- A root in an archive ----------------------------------------------------------

# Made in a namespace of its own, where this user is root: with an owner that is not
# this user, a capability, a device node where the host lets it, names beyond ASCII.
packed() {
	rm -rf packed && mkdir packed && cp -a root/. packed &&
		mkdir -p packed/usr/lib/modules/9.9.9-test packed/srv packed/var/www &&
		echo hidden >packed/etc/shadow && chmod 0 packed/etc/shadow &&
		echo two >packed/srv/zwei-ä && ln packed/srv/zwei-ä packed/srv/linked &&
		ln -s ../../../../../etc/passwd packed/usr/lib/firmware/ahci/out.fw &&
		tar -C packed --owner=0 --group=0 --sort=name --exclude=./var -cf root.tar . &&
		tar -C packed --owner=33 --group=33 --sort=name -rf root.tar ./var &&
		rm -rf packed
}
of_tar() { # ARCHIVE OUT ARGS...
	archive=$1 out=$2
	shift 2
	"$slate" image build --root "$archive" --kernel kernel --modules mods/lib/modules/9.9.9-test \
		-o "$out" --no-bootloader "$@"
}
holds 'a root is packed' packed
of_tar root.tar nobody >said 2>&1
has 'an archive with the identity of a machine is refused' "$(cat said)" 'identity of one machine.*etc/machine-id'
has_not 'and nothing is made of it' "$(ls nobody)" 'root.squashfs'
tar --delete -f root.tar ./etc/machine-id ./etc/ssh/ssh_host_rsa_key ./var/lib/systemd/random-seed
xz -k root.tar
gzip -k root.tar
holds 'a disk is built of a packed archive' of_tar root.tar.xz tarred
said=$(unsquashfs -lln tarred/root.squashfs 2>/dev/null)
has 'owners are those of the archive, whoever builds' "$said" '^drwxr-xr-x 33/33 .*/var/www$'
has 'a file that its builder could not read is there' "$said" '^---------- 0/0  *7 .*/etc/shadow$'
has 'the top directory is that of the archive' "$said" "^$(stat -c %A root) 0/0 .*squashfs-root$"
holds 'names and contents come through' sh -c \
	'unsquashfs -n -q -d un tarred/root.squashfs >/dev/null 2>&1; grep -q two un/srv/zwei-ä && [ un/srv/zwei-ä -ef un/srv/linked ]'
holds 'modules of an archive are found' [ ! -e tarred/modules.squashfs ]
list=$(in_initramfs tarred)
has 'firmware of an archive is there' "$list" '^lib/firmware/ahci/test.fw$'
has 'so are its settings' "$list" '^etc/slate/slate.conf$'
sleep 1
holds 'any compression gives the same image, at any time' sh -c \
	'"$0" image build --root root.tar.gz --kernel kernel --modules mods/lib/modules/9.9.9-test -o again --no-bootloader &&
	cmp tarred/root.squashfs again/root.squashfs' "$slate"
holds 'nothing half made is left' [ ! -e tarred/.making ]
head -c $(($(stat -c %s root.tar.xz) / 2)) root.tar.xz >cut.tar.xz
head -c 5000 root.tar >cut.tar
tar -cf empty.tar -T /dev/null
echo hello >wrong.tar
for name in cut.tar.xz cut.tar empty.tar wrong.tar; do
	said=$(of_tar $name tarred 2>&1)
	has "$name is refused by name" "$said" "slate: image: look: .*$name: .*; .*tarred is as it was$"
done

# --- For a server ------------------------------------------------------------------

module drivers/net virtio_net alias=virtio:d1v*
depmod -b mods 9.9.9-test
holds 'a folder for a server is built' make net --type netboot --cmdline 'console=ttyS0 slate.save=${base}/saved/{MAC}'
list=$(in_initramfs net)
has 'its machines have what fetches' "$list" '^bin/slate-fetch$'
has 'and drivers of cards' "$list" 'net/virtio_net.ko$'
has 'iPXE gets a script' "$(cat net/boot.ipxe)" '^kernel ${base}/vmlinuz initrd=initramfs.img root=${base}/root.squashfs console=ttyS0 slate.save=${base}/saved/{MAC} BOOTIF='
has 'slate.conf names both images there too' "$(cat net/slate.conf)" '^slate.image=slate/root.squashfs:slate/modules.squashfs$'
holds 'a server has its configuration' [ -s net/dnsmasq.conf -a -s net/nginx.conf -a -s net/lighttpd.conf ]
holds 'no medium is made' [ ! -e net/disk.img -a ! -e net/disk.iso ]
make disk --no-bootloader >/dev/null
list=$(in_initramfs disk)
has_not 'a disk needs neither' "$list" 'slate-fetch\|virtio_net'
make disk --no-bootloader --cmdline ip=dhcp >/dev/null
has 'one that asks for an address does' "$(in_initramfs disk)" 'virtio_net'

# --- What goes wrong -------------------------------------------------------------

sum=$(cat out/* | sha256sum)
rm mods/lib/modules/9.9.9-test/kernel/fs/overlayfs/overlay.ko
depmod -b mods 9.9.9-test
said=$(make out 2>&1)
has 'a kernel without overlay is refused by name' "$said" 'no module overlay'
holds 'a failed build leaves what was there' [ "$(cat out/* | sha256sum)" = "$sum" ]
holds 'and nothing half made' [ ! -e out/.making ]
has 'what is still safe is said' "$said" 'out is as it was$'
module fs/overlayfs overlay
depmod -b mods 9.9.9-test

if unshare -rm true 2>/dev/null; then
	said=$(unshare -rm sh -c 'mount --bind /dev/null "$(command -v mksquashfs)" && exec "$0" image build --root root --kernel kernel --modules mods/lib/modules/9.9.9-test -o lacking' "$slate" 2>&1)
	has 'a missing tool is named with its package' "$said" 'mksquashfs is missing: apt-get install squashfs-tools'
	said=$(unshare -rm sh -c 'mount --bind /dev/null "$(command -v grub-mkimage)" && exec "$0" image build --root root --kernel kernel --modules mods/lib/modules/9.9.9-test -o lacking' "$slate" 2>&1)
	has 'a missing GRUB is named with its packages' "$said" 'apt-get install grub-common grub-pc-bin grub-efi-amd64-bin; or --no-bootloader'
else
	echo 'ok a missing tool is named with its package # SKIP no user namespaces here'
fi

truncate -s 200M root/large
head -c 30000000 /dev/urandom >root/slow
"$slate" image build --root root --kernel kernel --modules mods/lib/modules/9.9.9-test -o out \
	>/dev/null 2>&1 &
pid=$!
n=0
while [ ! -e out/.making/root.squashfs ] && [ $n -lt 200 ]; do n=$((n + 1)); sleep 0.05; done
kill -TERM $pid
wait $pid
status=$?
holds 'an interrupted build fails' [ $status -ne 0 ]
holds 'an interrupted build leaves what was there' [ "$(cat out/* | sha256sum)" = "$sum" ]
holds 'an interrupted build leaves nothing half made' [ ! -e out/.making ]

"$slate" image frobnicate >/dev/null 2>&1
holds 'an unknown sub-command is a usage error' [ $? -eq 2 ]
"$slate" image build --root root >/dev/null 2>&1
holds 'a missing argument is a usage error' [ $? -eq 2 ]

exit $failed
