#!/bin/sh
# recipe.sh NAME OUT [OPTION...]: makes the machine of a recipe, which is a file in
# recipes/ or one of your own (a NAME with a slash). OPTIONs go to `slate image build`
# after the recipe's own, so they win. Without a NAME: the list.
#
# A recipe is a few lines of sh. It sets
#   cmdline=    what to boot with, see slate.conf(5)
#   options=    of `slate image build`
#   kernel=     bookworm (the default), bookworm-cloud (for virtual machines) or trixie
# and has two functions, which start in the machine's root directory, empty at first:
#   root        fills it
#   settings    changes what is in it then; a recipe of your own may be another's, read
#               by `. FILE`, with settings of its own
# with the help of the functions below; $serial is the name of the first serial port. Its comments, up to the first other line, are
# what the list says of it. Files that it copies lie beside it, in NAME.files.
#
#   BUILD=dir   where slate was built (build)
#   TOOLS=dir   where it was built for this machine, when BUILD is for another one
set -eu

start=$PWD
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/.." && pwd)
build=${BUILD:-$tree/build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
tools=${TOOLS:-$build}
case $tools in /*) ;; *) tools=$PWD/$tools ;; esac

# The name of the machine's first serial port.
case ${SLATE_ARCH:-} in aarch64) serial=ttyAMA0 ;; *) serial=ttyS0 ;; esac

die() { echo "recipe: $*" >&2; exit 1; }

# How often a password is hashed, so that guessing takes long.
hash_rounds=65536

# --- What recipes call ---------------------------------------------------------

# unit NAME: a unit file from standard input, started at boot where it says by what.
unit() {
	mkdir -p etc/systemd/system
	cat >"etc/systemd/system/$1"
	for target in $(sed -n 's/^WantedBy=//p' "etc/systemd/system/$1"); do
		case $1 in *@.*) continue ;; esac
		mkdir -p "etc/systemd/system/$target.wants"
		ln -sf "../$1" "etc/systemd/system/$target.wants/$1"
	done
}

# modules DRIVER...: the kernel's modules of these names, with all that they need;
# `all`: every one. Those that only boots need are in the initramfs already.
modules() {
	from=$(readlink -f "$build/kernels/$kernel/modules")
	release=${from##*/}
	to=$PWD/usr/lib/modules/$release
	mkdir -p "$to"
	if [ "$*" = all ]; then
		cp -R "$from/." "$to/"
	else
		for driver; do
			PATH=$PATH:/usr/sbin:/sbin modprobe -d "${from%/lib/modules/*}" -S "$release" \
				--show-depends "$driver" 2>/dev/null || true
		done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | sort -u | while read -r file; do
			below=${file#"$from/"}
			mkdir -p "$to/${below%/*}"
			cp "$file" "$to/$below"
		done
		cp "$from"/modules.builtin "$from"/modules.builtin.modinfo "$from"/modules.order "$to/"
	fi
	rm -f "$to/build" "$to/source"
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$PWD/usr" "$release"
}

# busybox_root: a root of BusyBox and slate alone, with no accounts yet.
busybox_root() {
	mkdir -p dev proc sys run tmp root mnt home srv var/log var/tmp usr/bin usr/sbin usr/lib/slate etc/slate
	for name in bin sbin lib; do ln -s "usr/$name" "$name"; done
	ln -s ../run var/run
	ln -s ../run/lock var/lock
	chmod 1777 tmp var/tmp
	chmod 700 root
	busybox_tools
	slate_programs
}

# BusyBox's tools under their names; slate has its own of some.
busybox_tools() {
	cp "$build/busybox" usr/bin/busybox
	for tool in $("$tools/busybox" --list); do
		case $tool in
		busybox | init | linuxrc | reboot | poweroff | halt | runsv* | sv | svlogd) ;;
		*) ln -s busybox "usr/bin/$tool" ;;
		esac
	done
}

# What `make install` puts there, without the parts that make images.
slate_programs() {
	cp "$build/slate-init" usr/sbin/slate-init
	cp "$build/slate" usr/bin/slate
	for name in lbu systemctl; do ln -s slate "usr/bin/$name"; done
	for name in reboot poweroff halt shutdown; do ln -s ../bin/slate "usr/sbin/$name"; done
	cp -R "$tree/hooks" usr/lib/slate/hooks
	mv usr/lib/slate/hooks/units usr/lib/slate/system
	while read -r unit rest; do
		case $unit in '' | '#'*) ;; *) ln -s /dev/null "usr/lib/slate/system/$unit" ;; esac
	done <usr/lib/slate/system/masked.txt
	rm usr/lib/slate/system/masked.txt
}

# needs PROGRAM PACKAGE: stops where this machine lacks the program, and says what has it.
needs() {
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null || die "$1 is missing: apt-get install $2"
}

# debian SUITE PACKAGE...: a small Debian with these packages and what they depend on, but
# not systemd; from MIRROR, where that is set. It has no name, keys or resolver of its own,
# and nothing in it looks after disks or packages, which never change here.
debian() {
	needs mmdebstrap mmdebstrap
	[ "$(id -u)" = 0 ] || die "only root can make a root of Debian: use sudo"
	suite=$1
	shift
	echo "recipe: fetching and unpacking $suite"
	mmdebstrap --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
		--include="usr-is-merged kmod $*" --aptopt='Acquire::Languages "none"' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
		"$suite" "$PWD" ${MIRROR:-} >"$work/log" 2>&1 || { tail -n 15 "$work/log" >&2; die "mmdebstrap failed"; }
	rm -f etc/hostname etc/resolv.conf etc/machine-id etc/ssh/ssh_host_*
	for name in apt-daily dpkg-db-backup e2scrub fstrim; do rm -f etc/systemd/system/*.wants/$name*; done
}

# tighten: what a new Debian leaves open of accounts, sshd, core dumps and drivers. sshd takes
# the first word on a thing: that of a file whose name is before tighten.conf's.
tighten() {
	sed -Ei 's/^UMASK.*/UMASK 027/; s/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 365/; s/^PASS_MIN_DAYS.*/PASS_MIN_DAYS 1/
		s/^# *(SHA_CRYPT_M(IN|AX)_ROUNDS).*/\1 '$hash_rounds'/' etc/login.defs
	echo "* hard core 0" >etc/security/limits.d/tighten.conf
	# nobody finds the console of somebody who has gone away
	echo "TMOUT=1800" >etc/profile.d/tighten.sh
	warning="A private system: access is for authorized users only, and it is logged and monitored."
	echo "$warning" | tee -a etc/issue >etc/issue.net
	tighten_drivers
	chmod go= etc/crontab etc/cron.* etc/ssh/sshd_config
	tighten_sshd
}

# Any user's socket, and whatever is plugged in, would load these, which few want: protocols
# with a past, and a plug that reads all of the memory.
tighten_drivers() {
	mkdir -p etc/modprobe.d
	for module in dccp sctp rds tipc; do echo "install $module /bin/false"; done >etc/modprobe.d/tighten.conf
	for module in firewire-core firewire-ohci; do echo "blacklist $module"; done >>etc/modprobe.d/tighten.conf
}

tighten_sshd() {
	cat >etc/ssh/sshd_config.d/tighten.conf <<-END
		AllowAgentForwarding no
		AllowTcpForwarding no
		X11Forwarding no
		Compression no
		MaxAuthTries 3
		MaxSessions 2
		TCPKeepAlive no
		ClientAliveInterval 300
		ClientAliveCountMax 2
		LogLevel VERBOSE
		Banner /etc/issue.net
	END
	# no other program takes what it says: its unit's log has it
	echo "SSHD_OPTS=-e" >etc/default/ssh
}

# firewall PORT...: nftables, which the root has, lets in nothing but answers, and who asks
# for these ports of TCP.
firewall() {
	cat >etc/nftables.conf <<-END
		flush ruleset
		table inet filter {
			chain input {
				type filter hook input priority filter; policy drop;
				iif lo accept
				ct state established,related accept
				meta l4proto { 1, 58 } accept comment "ICMP, by number: a small root knows no names"
				udp dport { 68, 546 } accept
				$(for port; do echo "tcp dport $port accept"; done)
			}
		}
	END
	mkdir -p etc/systemd/system/sysinit.target.wants
	ln -sf /lib/systemd/system/nftables.service etc/systemd/system/sysinit.target.wants/nftables.service
}

# selinux MODE: enforcing or permissive; by the policy of Debian's selinux-policy-default,
# which the root has. The last word of `settings`: all that is there gets its label.
selinux() {
	needs setfiles policycoreutils
	sed -i "s/^SELINUX=.*/SELINUX=$1/" etc/selinux/config
	PATH=$PATH:/usr/sbin:/sbin setfiles -F -r "$PWD" etc/selinux/default/contexts/files/file_contexts "$PWD"
}

# apparmor MODE [NAME...]: enforce, all profiles that the root has in etc/apparmor.d, which
# Debian's apparmor-profiles fills, or complain: those that are not enforced as they come.
# With the profiles NAME, which Debian has but leaves out at first.
apparmor() {
	needs apparmor_parser apparmor
	mode=$1
	shift
	for name; do cp "usr/share/apparmor/extra-profiles/$name" etc/apparmor.d/; done
	case $mode in
	enforce) sed -Ei 's/flags=\(complain,/flags=(/; s/ flags=\(complain\)//' $(find etc/apparmor.d -type f) ;;
	complain) ;;
	*) die "AppArmor's mode is enforce or complain, not $mode" ;;
	esac
}

# needs_login: stops where neither a password for root nor a key is set.
needs_login() {
	[ "${SSH_KEY-}${PASSWORD-}" ] || die "nobody could log in: say SSH_KEY=FILE or PASSWORD=TEXT"
}

# root_login: root's password is PASSWORD, its public keys are those of the file SSH_KEY.
root_login() {
	if [ "${SSH_KEY-}" ]; then
		mkdir -p -m 700 root/.ssh
		(cd "$start" && cat "$SSH_KEY") >root/.ssh/authorized_keys
	fi
	if [ "${PASSWORD-}" ]; then
		salt=$(head -c 12 /dev/urandom | base64 | tr + .)
		hash=$("$tools/busybox" cryptpw -m sha512 -S "rounds=$hash_rounds\$$salt" "$PASSWORD")
		sed -i "s|^root:[^:]*|root:$hash|" etc/shadow
		[ ! -d etc/ssh/sshd_config.d ] || echo "PermitRootLogin yes" >etc/ssh/sshd_config.d/root.conf
	fi
}

# --- The work ------------------------------------------------------------------

list() {
	for file in "$here"/recipes/*; do
		[ -f "$file" ] || continue
		printf '%-11s %s\n' "${file##*/}" "$(sed -n '1,2s/^# [a-z-]*: //p' "$file")"
	done
}

# Reads the recipe NAME: its file is `recipe`, and `files` what it copies.
read_recipe() {
	case $1 in */*) recipe=$(readlink -f "$1") ;; *) recipe=$here/recipes/$1 ;; esac
	[ -f "$recipe" ] || die "no recipe is called $1; there are: $(list | cut -d ' ' -f 1 | tr '\n' ' ')"
	files=$recipe.files
	cmdline= options= kernel=bookworm
	settings() { :; }
	. "$recipe"
}

make_root() {
	root
	settings
}

make_image() {
	mkdir -p "$out"
	out=$(cd "$out" && pwd)
	work=$out/recipe.new
	rm -rf "$work"
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' HUP INT TERM
	mkdir -p "$work/root"
	(cd "$work/root" && make_root)
	SLATE_LIB=$build SLATE_TREE=$tree "$tools/slate" image build --root "$work/root" --kernel "$build/kernels/$kernel/vmlinuz" \
		--modules "$build/kernels/$kernel/modules" --cmdline "$cmdline" $options "$@" -o "$out"
}

case ${1:-} in '' | -h | --help) list; exit 0 ;; esac
[ $# -ge 2 ] || die "usage: recipe.sh NAME OUT [OPTION...]"
read_recipe "$1"
out=$2
shift 2
[ -x "$tools/slate" ] && [ -e "$build/slate" ] || die "no slate in $tools and $build: run make first"
[ -e "$build/kernels/$kernel/vmlinuz" ] || SLATE_BUILD=$build "$here/deps/kernels.sh" "$kernel"
make_image "$@"
