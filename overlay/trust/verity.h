/* verity: the hash tree of dm-verity (format 1, SHA-256), read and checked.
 *
 * The tree lies behind the data in the same file, without a superblock, the top
 * level first. The kernel checks each block against it when it reads one; this
 * is for saying before that, in words, what is wrong.  */
#ifndef TRUST_VERITY_H
#define TRUST_VERITY_H

#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"

#define VERITY_DIGEST    32
#define VERITY_SALT_MAX  64
#define VERITY_BLOCK_MIN 512
#define VERITY_BLOCK_MAX 4096

struct verity {
	uint64_t data_size;   /* bytes, whole data blocks */
	uint64_t data_block;  /* bytes: a power of two */
	uint64_t hash_block;
	uint64_t hash_offset; /* of the tree in the file; whole hash blocks */
	uint8_t salt[VERITY_SALT_MAX];
	size_t salt_len;
	uint8_t root[VERITY_DIGEST];
};

/* 0, or -1 with *e: sizes that can't be. The functions below need it. */
int verity_validate(const struct verity *v, struct err *e);

/* Bytes of the tree. */
uint64_t verity_tree_size(const struct verity *v);

/* Follows the tree from the root hash to the first data block. 0, or -1 with
 * *e: it is another tree, or damaged. `fd` is borrowed, as below. */
int verity_check_first(int fd, const struct verity *v, struct err *e);

/* All of the tree and the data: as long as reading the file takes. */
int verity_check_all(int fd, const struct verity *v, struct err *e);

/* The digest of a data block, as the tree holds it. */
void verity_digest(const struct verity *v, const void *block, uint8_t out[VERITY_DIGEST]);

/* Those of `n` data blocks, one behind the other as the blocks are. */
void verity_digests(const struct verity *v, const uint8_t *blocks, size_t n, uint8_t *out);

/* Finds what of the file is not as it was signed, for whoever can get it anew: the
 * tree first, and only below what of it is right the data. `digests` are those of
 * the data blocks, made before. Calls bad(ctx, offset, size) for each. Returns how
 * many there are, or -1 with *e. */
long verity_find_bad(int fd, const struct verity *v, const uint8_t *digests,
                     void (*bad)(void *ctx, uint64_t offset, uint64_t size), void *ctx,
                     struct err *e);

#endif
