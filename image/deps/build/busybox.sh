# source: busybox
# needs:
# files: busybox.config
# defconfig with the lines of busybox.config in place of its own.
make defconfig
while read -r line; do
	case $line in CONFIG_*=*) ;; *) continue ;; esac
	sed -i "/^${line%%=*}=/d; /^# ${line%%=*} is not set/d" .config
	echo "$line" >>.config
done <"$deps_dir/busybox.config"
# x86's instructions for SHA, which 1.37 takes to be everywhere.
[ "$arch" = x86_64 ] || sed -i 's/^\(CONFIG_SHA.*_HWACCEL\)=y$/# \1 is not set/' .config
yes '' | make oldconfig
# CONFIG_STATIC and CONFIG_PIE together would make a program of neither kind.
make $jobs CROSS_COMPILE="$cross" CC="$CC" HOSTCC=gcc SKIP_STRIP=y busybox \
	CFLAGS_busybox='-static-pie -Wl,-z,relro,-z,now,-z,noexecstack'
mkdir -p "$OUT/bin"
install busybox_unstripped "$OUT/bin/busybox.debug"
"$STRIP" -o "$OUT/bin/busybox" busybox_unstripped
