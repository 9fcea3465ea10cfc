/* words: splits a value into words as systemd.syntax(7) says.
 *
 * Words are separated by blanks; "…" and '…' keep blanks together, also in the
 * middle of a word. What a backslash means is the reader's choice. */
#ifndef UNIT_WORDS_H
#define UNIT_WORDS_H

#include "../base/err.h"
#include "../base/span.h"

enum word_escapes {
	WORD_C_ESCAPES,   /* \n, \x41, \101, \u00e9, \s …; unknown ones are kept as they stand */
	WORD_RAW_ESCAPES, /* a backslash is a character like any other */
};

struct words {
	struct span left; /* what is still to be split */
	enum word_escapes escapes;
	bool unknown_escape; /* one was met */
};

/* Takes the next word into buf, terminated; its length goes to *len.
 * 1: a word ("" counts); 0: no more; -1 with *e: a quote is not closed, a
 * backslash ends the text, a NUL would result, or the word does not fit. */
int words_next(struct words *w, char *buf, size_t size, size_t *len, struct err *e);

#endif
