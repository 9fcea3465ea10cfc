/* unsaved: what would be lost, in short: how many changes of each class, and some of
 * their names.
 *
 * Filled from changes (changes.h). Only identity, config and data are worth a word
 * to somebody who did not ask: caches and logs are made anew.  */
#ifndef CHANGES_UNSAVED_H
#define CHANGES_UNSAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changes.h"

enum { UNSAVED_NAMED = 3, UNSAVED_LINE_MAX = 512 };

struct unsaved {
	uint64_t n[CLASSES];
	char names[CLASSES][UNSAVED_NAMED][128]; /* the first ones: "etc/hostname (content)" */
};

/* Takes note of a change; for changes_find, its ctx a struct unsaved ({0} at first). */
void unsaved_add(void *unsaved, const struct change *c);

uint64_t unsaved_count(const struct unsaved *u);

/* Whether losing it would matter. */
bool unsaved_matters(const struct unsaved *u);

/* "config: etc/a (content), etc/b (new) and 3 more", without control characters.
 * False: no change is of this class. */
bool unsaved_line(const struct unsaved *u, enum class class, char line[UNSAVED_LINE_MAX]);

#endif
