/* names: a growing list of strings that it owns, for tools that end soon.
 *
 * Order is that of adding. {0} is an empty list.  */
#ifndef IMAGE_NAMES_H
#define IMAGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "../init/base/err.h"

struct names {
	char **at;
	size_t n, room;
};

/* Adds a copy of `name`. 0, or -1 with *e when memory ran out. */
int names_add(struct names *list, const char *name, struct err *e);
bool names_has(const struct names *list, const char *name);
/* names_add unless it is there. 1: added; 0: was there; -1 with *e. */
int names_add_new(struct names *list, const char *name, struct err *e);
void names_sort(struct names *list);
void names_free(struct names *list); /* leaves {0} */

#define NAMES_AUTO __attribute__((cleanup(names_free))) struct names

#endif
