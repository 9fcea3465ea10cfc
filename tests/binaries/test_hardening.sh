#!/bin/sh
# What the finished programs are, whatever the flags said: one static file each,
# position independent, nothing writable and executable, tables read-only after
# relocation, the stack guarded, and no way to run a shell by accident.
set -u
bad=0

check() {
	name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; bad=1; fi
}
not() { ! "$@"; }

headers() { readelf -lW "$BUILD/$1"; }
dynamic() { readelf -dW "$BUILD/$1"; }
symbols() { readelf -sW "$BUILD/$1.debug"; }

has_header() { headers "$1" | grep -q "^  $2 "; }
needs_nothing() { not contains "(NEEDED)" dynamic "$1"; }
contains() { pattern=$1; shift; "$@" | grep -qF "$pattern"; }
is_pie() { readelf -hW "$BUILD/$1" | grep -q 'Type: *DYN' && dynamic "$1" | grep -q 'FLAGS_1.*PIE'; }
binds_now() { dynamic "$1" | grep -qE 'FLAGS.*BIND_NOW|FLAGS_1.*NOW'; }
stack_is_data() { headers "$1" | grep -qE '^  GNU_STACK .* RW  '; }
has_wx() { headers "$1" | grep -qE '^  [A-Z_]+ .* RWE '; }
has_symbol() { symbols "$1" | awk '{ sub(/@.*/, "", $8); print $8 }' | grep -qxE "$2"; }
is_stripped() { not contains .symtab readelf -SW "$BUILD/$1"; }
has_textrel() { dynamic "$1" | grep -q TEXTREL; }

for program in slate-boot slate-init slate-fetch slate busybox; do
	if ! [ -f "$BUILD/$program" ] || ! [ -f "$BUILD/$program.debug" ]; then
		echo "not ok $program is there, with its .debug copy"
		exit 1
	fi
	check "$program has no interpreter" not has_header "$program" INTERP
	check "$program needs no library" needs_nothing "$program"
	check "$program is position independent" is_pie "$program"
	check "$program has no text relocations" not has_textrel "$program"
	check "$program has a read-only part after relocation" has_header "$program" GNU_RELRO
	check "$program binds at start" binds_now "$program"
	check "$program has no executable stack" stack_is_data "$program"
	check "$program has nothing writable and executable" not has_wx "$program"
	check "$program guards its stack" has_symbol "$program" __stack_chk_fail
	check "$program is stripped" is_stripped "$program"
done
for program in slate-boot slate-init slate-fetch slate; do
	check "$program cannot run a shell by accident" not has_symbol "$program" 'system|popen'
done
# libraries have these behind checks of their own; what PID 1 runs has none
check "slate-init has no unbounded writer" not has_symbol slate-init 'gets|v?sprintf|strcpy|strcat'
check "slate-init links libc alone" not has_symbol slate-init '(mnt|blkid|kmod|archive|crypto|ZSTD|inflate)_?[a-zA-Z_]+'
exit $bad
