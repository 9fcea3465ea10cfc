/* names: the names in a directory, sorted by their bytes.  */
#ifndef TREE_NAMES_H
#define TREE_NAMES_H

#include <stddef.h>

#include "../../init/base/err.h"

struct names {
	char **at; /* owned, without "." and ".." */
	size_t n;
};

/* Reads the directory `dir` (borrowed; its position is left alone).
 * 0, or -1 with *e; names_drop in both cases. */
int names_read(struct names *names, int dir, struct err *e);

void names_drop(struct names *names);

#endif
