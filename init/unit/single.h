/* single: one unit read by itself, for commands that look at its file.
 *
 * What it names is known by name only, not read. */
#ifndef UNIT_SINGLE_H
#define UNIT_SINGLE_H

#include "load.h"

struct single {
	struct unit_set set;  /* holds the arena, and nothing else */
	struct loader loader; /* owned */
	const struct unit *unit;
	unsigned index;
};

/* Reads the unit `name` (an alias is followed; a template's name gets an
 * instance), its file being `file` where that is not NULL (a path as the caller's
 * process sees it), else what the search path has.
 * 0, also for a unit that is bad, masked or not there: see single.unit->load;
 * -1 with *e: no name of a unit, no memory. Close it only after 0. */
int single_open(struct single *s, const struct unit_source *source, const char *name,
                const char *file, const struct load_watch *watch, struct err *e);
void single_close(struct single *s);

#endif
