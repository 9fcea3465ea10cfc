#!/bin/sh
# The man pages are clean mdoc, name each other rightly, and leave out no setting
# and no verb of the programs.
set -u

tell() { # NAME STATUS [WHY]: a line of TAP
	if [ "$2" = 0 ]; then echo "ok $1"; else echo "not ok $1 ${3:-}"; fi
}

words_of() { # PAGE: as text, without what is struck twice
	mandoc -Tascii "$1" | sed "s/.$(printf '\b')//g"
}

# Pages that are not installed here look like missing references.
for page in docs/*.[1-8]; do
	found=$(mandoc -Tlint -W style "$page" 2>&1 |
		grep -v 'referenced manual not found: Xr slate' || true)
	[ -z "$found" ]
	tell "${page#docs/} is clean mdoc" $? "$found"
	for name in $(sed -n 's/^\.Xr \(slate[a-z.-]*\) \([0-9]\).*/\1.\2/p' "$page" | sort -u); do
		[ -e "docs/$name" ] || tell "${page#docs/} refers to $name" 1 "no such page"
	done
done

# settings.c holds the table that the command line and the files are read by.
missing=
for key in $(sed -n 's/^[[:space:]]*KEY_[A-Z_]*("\([^"]*\)".*/\1/p' init/base/settings.c); do
	words_of docs/slate.conf.5 | grep -qwF -e "$key" || missing="$missing $key"
done
[ -z "$missing" ]
tell "slate.conf(5) has every setting" $? "$missing"

# class.c holds the table of what paths are.
missing=
for path in $(sed -n 's/.*\(IDENTITY\|CONFIG\|CACHE\|LOG\|true, \)(*"\([^"]*\)".*/\2/p' overlay/changes/class.c); do
	words_of docs/slate.8 | tr ' ,' '\n\n' | grep -qxF -e "$path" || missing="$missing $path"
done
[ -z "$missing" ]
tell "slate(8) has every rule of the classes" $? "$missing"

missing=
for verb in $("$BUILD/slate" --help | sed -n 's/^  \([a-z-]*\).*/\1/p'); do
	words_of docs/slate.8 | grep -qwF -e "$verb" || missing="$missing $verb"
done
[ -z "$missing" ]
tell "slate(8) has every verb" $? "$missing"

missing=
for verb in $("$BUILD/slate" image --help | sed -n 's/.* slate image \([a-z]*\) .*/\1/p'); do
	words_of docs/slate-image.8 | grep -q "^ *$verb " || missing="$missing $verb"
done
[ -z "$missing" ]
tell "slate-image(8) has every verb" $? "$missing"
