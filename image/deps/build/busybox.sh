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
yes '' | make oldconfig
# CONFIG_STATIC and CONFIG_PIE together would make a program of neither kind.
make $jobs CC="$CC" HOSTCC=gcc SKIP_STRIP=y busybox \
	CFLAGS_busybox='-static-pie -Wl,-z,relro,-z,now,-z,noexecstack'
mkdir -p "$OUT/bin"
install busybox_unstripped "$OUT/bin/busybox.debug"
strip -o "$OUT/bin/busybox" busybox_unstripped
