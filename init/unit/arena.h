/* arena: memory for a set of units, given out piece by piece, freed as a whole.
 *
 * One mapping, reserved at once and touched only as far as it is used. A shared
 * arena keeps its address over fork, so a child can read the unit files and
 * leave the finished set to its parent. Pieces are zeroed, and aligned for any
 * type. There is no free: arena_rewind gives back everything after a mark.  */
#ifndef UNIT_ARENA_H
#define UNIT_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"
#include "../base/span.h"

struct arena {
	char *at; /* NULL: not open */
	size_t used, size;
	bool full; /* a request was refused; stays set */
};

/* Reserves `size` bytes of address space. 0, or -1 with *e. */
int arena_open(struct arena *a, size_t size, bool shared, struct err *e);
void arena_close(struct arena *a);

/* `n` pieces of `size` bytes, zeroed. Never NULL: when the arena is full, `full`
 * is set and the same spare bytes are given out at the arena's end, so that
 * callers test `full` once when they are done. A single request of more than
 * ARENA_PIECE_MAX bytes counts as full, too. */
#define ARENA_PIECE_MAX ((size_t)1 << 20)
void *arena_take(struct arena *a, size_t n, size_t size);

/* Terminated copies. */
char *arena_copy(struct arena *a, struct span text);
char *arena_text(struct arena *a, const char *text);

/* Grows an array that was taken from the arena: a zeroed copy with room for `n`
 * pieces, the first `old` filled from `from`. */
void *arena_grow(struct arena *a, const void *from, size_t old, size_t n, size_t size);

/* Gives back what was taken since `used` was `mark`. */
void arena_rewind(struct arena *a, size_t mark);

#endif
