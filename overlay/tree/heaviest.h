/* heaviest: what takes most of a tmpfs, by the names at its top. */
#ifndef TREE_HEAVIEST_H
#define TREE_HEAVIEST_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"

struct heaviest {
	char name[256]; /* "var"; "": nothing is there */
	uint64_t bytes; /* in it and all below, as the file system counts them */
	uint64_t files;
};

/* Is so much of the limit taken that the next program may meet the end of it? A limit
 * of 0 is none. */
bool heaviest_is_due(uint64_t used, uint64_t limit);

/* The name at the top of the directory `top` (borrowed) with the most bytes, or, with
 * `by_files`, the most files. What vanishes meanwhile is not counted. 0, or -1 with *e. */
int heaviest_find(int top, bool by_files, struct heaviest *out, struct err *e);

#endif
