/* blocks: what of a file that arrives is right, by the hash tree behind it.
 *
 * Fed with the bytes as they come, in order, it keeps a digest of each data block,
 * so that at the end nothing has to be read a second time.  */
#ifndef TRUST_BLOCKS_H
#define TRUST_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "verity.h"
#include "../../init/base/err.h"

#define BLOCKS_RANGES_MAX 256

struct range {
	uint64_t at, size; /* bytes */
};

struct blocks {
	const struct verity *v; /* borrowed */
	uint8_t *digests;       /* owned */
	uint64_t at;            /* bytes seen */
	size_t fill;            /* of the block in the making */
	uint8_t block[VERITY_BLOCK_MAX];
};

/* 0, or -1 with *e. */
int blocks_open(struct blocks *b, const struct verity *v, struct err *e);
void blocks_close(struct blocks *b);

void blocks_restart(struct blocks *b); /* the next byte is the file's first */
void blocks_add(struct blocks *b, const void *bytes, size_t len);

/* Finds parts of the complete file `fd` that are wrong, neighbours as one: at most
 * BLOCKS_RANGES_MAX. Returns how many, or -1 with *e. */
long blocks_find_bad(const struct blocks *b, int fd, struct range ranges[BLOCKS_RANGES_MAX],
                     struct err *e);

/* Takes the digests of the data in a part that was written anew. */
int blocks_reread(struct blocks *b, int fd, const struct range *r, struct err *e);

#endif
