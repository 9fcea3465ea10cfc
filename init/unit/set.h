/* set: loads units and everything they pull in, all or nothing.
 *
 * Loading reads the unit files below a root directory (the running system's, or
 * an image's while it is built), follows Requires=, Wants= and the other links
 * until nothing new turns up, adds implicit dependencies, and breaks ordering
 * loops. A unit that can't be used is in the set with LOAD_BAD or NOT_FOUND and
 * a reason: one bad file never keeps the others from being loaded.  */
#ifndef UNIT_SET_H
#define UNIT_SET_H

#include "unit.h"

/* Where units come from. */
struct unit_source {
	int root;                /* directory descriptor of "/", borrowed */
	const char *const *dirs; /* search path relative to root, first wins, NULL ends;
	                          * NULL: unit_search_path of path.h */
};

/* Makes a new set of `goals` (names, NULL ends; templates need an instance) and
 * all that they need. *out is the caller's, see unit_set_free.
 * 0, or -1 with *e when there is no memory, or too many units: *out untouched.
 * A goal without a file is in the set as LOAD_NOT_FOUND. */
int unit_set_load(struct unit_set **out, const struct unit_source *source,
                  const char *const *goals, struct err *e);

/* Adds `name` and what it pulls in to a set that is in use; units that are there
 * already keep their index and their settings. Call unit_find for its index.
 * 0, or -1 with *e (nothing of that name, or no room): the set is unchanged.
 * Pointers obtained by unit_deps and `set->units` before are still valid, but
 * old: ask again. */
int unit_set_add(struct unit_set *set, const struct unit_source *source, const char *name,
                 struct err *e);

/* As the two above, but the files are read in a child of their own, killed after
 * `limit_ms`: a crash there is an error here. For PID 1. What is added to must
 * have been loaded apart, too. */
int unit_set_load_apart(struct unit_set **out, const struct unit_source *source,
                        const char *const *goals, uint64_t limit_ms, struct err *e);
int unit_set_add_apart(struct unit_set *set, const struct unit_source *source, const char *name,
                       uint64_t limit_ms, struct err *e);

void unit_set_free(struct unit_set *set); /* NULL is fine */

#endif
