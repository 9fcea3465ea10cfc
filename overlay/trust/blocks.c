#include "blocks.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int blocks_open(struct blocks *b, const struct verity *v, struct err *e)
{
	*b = (struct blocks){ .v = v };
	b->digests = calloc(v->data_size / v->data_block, VERITY_DIGEST);
	return b->digests ? 0 : err_sys(e, "remember the digests of its blocks");
}

void blocks_close(struct blocks *b)
{
	free(b->digests);
	b->digests = NULL;
}

void blocks_restart(struct blocks *b)
{
	b->at = 0;
	b->fill = 0;
}

/* Those of whole blocks. Returns how many bytes that were. */
static size_t add_whole(struct blocks *b, const uint8_t *from, size_t len)
{
	uint64_t left = b->v->data_size - b->at;
	size_t n = (size_t)((len < left ? len : left) / b->v->data_block);

	verity_digests(b->v, from, n, b->digests + b->at / b->v->data_block * VERITY_DIGEST);
	b->at += n * b->v->data_block;
	return (size_t)(n * b->v->data_block);
}

/* To the block in the making. Returns how many bytes of it. */
static size_t add_part(struct blocks *b, const uint8_t *from, size_t len)
{
	size_t room = (size_t)b->v->data_block - b->fill, n = len < room ? len : room;

	memcpy(b->block + b->fill, from, n);
	b->fill += n;
	b->at += n;
	if (b->fill == b->v->data_block) {
		verity_digest(b->v, b->block,
		              b->digests + (b->at / b->v->data_block - 1) * VERITY_DIGEST);
		b->fill = 0;
	}
	return n;
}

void blocks_add(struct blocks *b, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	while (len && b->at < b->v->data_size) {
		size_t n = b->fill ? 0 : add_whole(b, from, len);

		if (n == 0)
			n = add_part(b, from, len);
		from += n;
		len -= n;
	}
	b->at += len;
}

struct collection {
	struct range *ranges;
	size_t n;
};

static void collect(void *ctx, uint64_t at, uint64_t size)
{
	struct collection *c = ctx;
	struct range *last = c->n ? &c->ranges[c->n - 1] : NULL;

	if (last && last->at + last->size == at)
		last->size += size;
	else if (c->n < BLOCKS_RANGES_MAX)
		c->ranges[c->n++] = (struct range){ at, size };
}

long blocks_find_bad(const struct blocks *b, int fd, struct range ranges[BLOCKS_RANGES_MAX],
                     struct err *e)
{
	struct collection c = { ranges, 0 };

	if (verity_find_bad(fd, b->v, b->digests, collect, &c, e) < 0)
		return -1;
	return (long)c.n;
}

int blocks_reread(struct blocks *b, int fd, const struct range *r, struct err *e)
{
	uint64_t size = b->v->data_block;
	uint8_t block[VERITY_BLOCK_MAX];

	for (uint64_t at = r->at; at < r->at + r->size && at < b->v->data_size; at += size) {
		if (pread(fd, block, size, (off_t)at) != (ssize_t)size)
			return err_sys(e, "read back");
		verity_digest(b->v, block, b->digests + at / size * VERITY_DIGEST);
	}
	return 0;
}
