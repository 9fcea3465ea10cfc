/* names: a growing list of texts that it owns: paths, the names in a directory.
 *
 * Order is that of adding. {0} is an empty list.  */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"
#include "span.h"

struct names {
	char **at;
	size_t n, room;
};

/* Adds a copy. 0, or -1 with *e: no memory. */
int names_add(struct names *list, const char *name, struct err *e);
int names_add_span(struct names *list, struct span name, struct err *e);

bool names_has(const struct names *list, const char *name);

/* names_add unless it is there. 1: added; 0: was there; -1 with *e. */
int names_add_new(struct names *list, const char *name, struct err *e);

/* Adds the names in the directory `dir` (borrowed; its position is left alone) but for "."
 * and "..", and sorts. 0, or -1 with *e. */
int names_read(struct names *list, int dir, struct err *e);

void names_sort(struct names *list);  /* by bytes */
void names_unite(struct names *list); /* sorts, and leaves each once */
void names_drop(struct names *list);  /* leaves {0} */

#define NAMES_AUTO __attribute__((cleanup(names_drop))) struct names

#endif
