#include "consoles.h"

#include <stdio.h>
#include <string.h>

static bool is_tty_name(struct span word)
{
	for (size_t i = 0; i < word.len; i++) {
		char c = word.at[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
			return false;
	}
	return word.len > 0 && word.len < 32;
}

unsigned consoles_units(struct span active, char (*names)[UNIT_NAME_SIZE], unsigned max)
{
	struct span word;
	unsigned n = 0;

	while (n < max && span_word(&active, " \t\n", &word)) {
		if (!is_tty_name(word))
			continue;
		/* tty0 is whichever virtual terminal is in front; people log in on the first */
		if (span_is(word, "tty0"))
			word = span_of("tty1");
		snprintf(names[n], UNIT_NAME_SIZE, "getty@%.*s.service", SPAN_ARGS(word));
		n++;
	}
	return n;
}
