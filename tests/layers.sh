#!/bin/sh
# layers.sh "FOLDER: ALLOWED..."...: includes point down. A folder's sources may
# include its own headers and those of the folders that its row allows; the rows
# are the Makefile's (make layers). A header's guard is FOLDER_FILE_H, of the folder
# that it lies in.
set -eu
cd "$(dirname "$0")/.."
bad=0

# A quoted include as a path from the top folder.
target_of() { realpath -s --relative-to=. "$1/$2"; }

# A folder may have folders of its own; they count as it.
is_allowed() {
	for folder in $2; do
		case $1 in "$folder"/*) return 0 ;; esac
	done
	return 1
}

check_file() {
	for inc in $(sed -n 's/^[[:space:]]*#[[:space:]]*include "\(.*\)"/\1/p' "$1"); do
		to=$(target_of "${1%/*}" "$inc")
		is_allowed "$to" "$2" && continue
		echo "$1 includes $inc: ${to%/*} is not below $3"
		bad=1
	done
}

awk '
	FNR == 1 { n = split(FILENAME, at, "/"); guard = toupper(at[n - 1] "_" at[n]); sub(/\.H$/, "_H", guard); line = 0 }
	/^#/ && ++line <= 2 && $2 != guard { print FILENAME " is not guarded by " guard; bad = 1 }
	END { exit bad }' init/*/*.h overlay/*/*.h image/*.h tests/*/*/*.h || bad=1

seen=0
for row; do
	folder=${row%%:*}
	for file in "$folder"/*.[ch]; do
		[ -e "$file" ] || continue
		seen=$((seen + 1))
		check_file "$file" "${row#*:}" "$folder"
	done
done
[ "$seen" -gt 0 ] || { echo "no sources were found"; exit 1; }
exit "$bad"
