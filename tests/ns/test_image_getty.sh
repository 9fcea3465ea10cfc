#!/bin/sh
# The prompt of a console, with programs that only say how they were called.
# Needs no root: re-runs itself in a user and mount namespace of its own.
if [ -z "${IN_NS:-}" ]; then
	unshare --user --map-root-user --mount true 2>/dev/null || {
		echo 'ok the prompt of a console # SKIP no user namespaces here'
		exit 0
	}
	IN_NS=1 exec unshare --user --map-root-user --mount sh "$0" "$@"
fi
set -u

failed=0
getty=$PWD/hooks/getty
rescue=$PWD/hooks/rescue
mount -t tmpfs tmpfs /run
mkdir -p /run/slate /run/tools
for tool in sh sed tail tr cat; do ln -s "$(command -v $tool)" "/run/tools/$tool"; done
PATH=/run/tools
export PATH

fake() { # NAME: a program that says its name and arguments
	printf '#!/bin/sh\necho "%s $*"\n' "$1" >"/run/tools/$1"
	/bin/chmod +x "/run/tools/$1"
}
is() { # NAME EXPECTED GOT
	case $3 in
	*"$2"*) echo "ok $1" ;;
	*) echo "not ok $1"; echo "# wanted $2, got $3"; failed=1 ;;
	esac
}
is_not() {
	case $3 in
	*"$2"*) echo "not ok $1"; echo "# $2 in $3"; failed=1 ;;
	*) echo "ok $1" ;;
	esac
}

fake getty
fake login
is 'BusyBox asks on a serial line' 'getty -L 0 ttyS0 vt102' "$("$getty" ttyS0)"
is 'and on a virtual terminal' 'getty -L 0 tty1 linux' "$("$getty" tty1)"

echo 'slate.autologin=kiosk' >/run/slate/settings
is 'autologin asks nothing' 'login -f kiosk' "$("$getty" ttyS0)"
echo 'slate.autologin=other' >>/run/slate/settings
is 'the last setting wins' 'login -f other' "$("$getty" ttyS0)"
is_not 'a whole machine says nothing before the prompt' 'without' "$("$getty" ttyS0)"

echo 'restore: slot-2 is damaged' >/run/slate/degraded
is 'what is degraded is said before the prompt' 'restore: slot-2 is damaged' "$("$getty" ttyS0)"

rm /run/slate/degraded
fake slate
is 'what is unsaved is said before the prompt' '  slate diff --brief' "$("$getty" ttyS0)"
printf '#!/bin/sh\nexit 1\n' >/run/tools/slate
is_not 'nothing unsaved is not worth a word' 'lost' "$("$getty" ttyS0)"
printf '#!/bin/sh\necho "limit $1"; shift; "$@"\n' >/run/tools/timeout
/bin/chmod +x /run/tools/timeout
is 'and it is not waited for long' 'limit 5' "$("$getty" ttyS0)"
rm /run/tools/timeout /run/tools/slate
echo 'restore: slot-2 is damaged' >/run/slate/degraded

fake agetty
is 'agetty is used where the image has it' \
	'agetty --autologin other --noclear --keep-baud ttyS0' "$("$getty" ttyS0)"
: >/run/slate/settings
is_not 'and asks without autologin' '--autologin' "$("$getty" ttyS0)"

fake sulogin
fake slate
is 'rescue asks for the password' 'sulogin' "$("$rescue" </dev/null)"
is 'and then starts the services' 'slate start --no-wait default.target' "$("$rescue" </dev/null)"
is 'and says what is degraded' 'slot-2 is damaged' "$("$rescue" </dev/null)"
echo 'slate.shell=root' >/run/slate/settings
is 'an open shell where that is asked for' 'it is open' "$(echo 'echo it is open' | "$rescue" 2>&1)"
is_not 'without a password' 'sulogin' "$(echo exit | "$rescue" 2>&1)"
echo 'slate.shell=no' >/run/slate/settings
fake sleep
is 'no shell where that is asked for' 'no shell here' "$("$rescue" </dev/null)"
is_not 'nor by a password' 'sulogin' "$("$rescue" </dev/null)"

exit $failed
