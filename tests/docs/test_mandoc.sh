#!/bin/sh
# Every man page passes mandoc's check without a word.
set -u
bad=0
for page in docs/*.[1-8]; do
	if said=$(mandoc -Tlint -Wwarning "$page" 2>&1) && [ -z "$said" ]; then
		echo "ok ${page##*/}"
	else
		echo "$said"
		echo "not ok ${page##*/}"
		bad=1
	fi
done
exit $bad
