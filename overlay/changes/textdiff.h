/* textdiff: the difference of two texts as diff -u prints it.
 *
 * Myers' "An O(ND) Difference Algorithm and Its Variations" (1986), the greedy form,
 * between the first and the last line that differ. Texts that differ in more lines than
 * are worth counting are shown as replaced as a whole.  */
#ifndef CHANGES_TEXTDIFF_H
#define CHANGES_TEXTDIFF_H

#include <stdbool.h>
#include <stdio.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"

/* Whether there is a NUL byte in it. */
bool textdiff_is_binary(struct span text);

/* Prints the hunks, nothing when the texts are the same. `clean` replaces control
 * characters, for a terminal. 0, or -1 with *e: no memory. */
int textdiff(struct span old, struct span new, FILE *out, bool clean, struct err *e);

#endif
