/* pathlist: texts that grow in number: paths, names.  */
#ifndef CHANGES_PATHLIST_H
#define CHANGES_PATHLIST_H

#include <stddef.h>

#include "../../init/base/err.h"

struct pathlist {
	char **at; /* owned, as the texts are */
	size_t n, size;
};

/* Adds a copy of the first `len` bytes. 0, or -1 with *e: no memory. */
int pathlist_add(struct pathlist *l, const char *text, size_t len, struct err *e);

/* Sorts by bytes and leaves each text once. */
void pathlist_unite(struct pathlist *l);

void pathlist_drop(struct pathlist *l);

#endif
