/* seen: which paths of an archive have been met, and as what.
 *
 * Holds 128-bit digests instead of the paths: 24 bytes a path, and nobody can
 * choose paths that collide.  */
#ifndef TAR_SEEN_H
#define TAR_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"

struct seen {
	struct seen_cell {
		uint8_t id[16];
		uint8_t what; /* 0: a free cell */
	} * cells;            /* owned */
	size_t n, size;
};

/* The `what` of a path (its first `len` bytes), 0 when it was not met. */
int seen_find(const struct seen *s, const char *path, size_t len);

/* Notes a path that was not met as `what` (> 0). Returns what it was met as before, 0
 * when it was not, or -1 with *e when memory is short. */
int seen_add(struct seen *s, const char *path, size_t len, int what, struct err *e);

void seen_drop(struct seen *s);

#endif
