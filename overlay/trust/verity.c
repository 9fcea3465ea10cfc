#include "verity.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "../../init/base/fd.h"

#define LEVELS_MAX 16
#define SIZE_MAX_BYTES ((uint64_t)1 << 62)

/* Level 0 holds the data blocks' digests, the last level is one block. */
struct tree {
	const struct verity *v;
	int fd;
	unsigned levels;
	uint64_t blocks[LEVELS_MAX], start[LEVELS_MAX]; /* hash blocks; byte offsets */
};

static bool is_block_size(uint64_t n)
{
	return n >= VERITY_BLOCK_MIN && n <= VERITY_BLOCK_MAX && (n & (n - 1)) == 0;
}

int verity_validate(const struct verity *v, struct err *e)
{
	if (!is_block_size(v->data_block) || !is_block_size(v->hash_block))
		return err_say(e, "block sizes must be powers of two from %d to %d",
		               VERITY_BLOCK_MIN, VERITY_BLOCK_MAX);
	if (v->data_size == 0 || v->data_size > SIZE_MAX_BYTES || v->data_size % v->data_block)
		return err_say(e, "the data is not a number of whole blocks");
	if (v->hash_offset < v->data_size || v->hash_offset > SIZE_MAX_BYTES ||
	    v->hash_offset % v->hash_block)
		return err_say(e, "the hash tree does not begin on a block behind the data");
	if (v->salt_len > VERITY_SALT_MAX)
		return err_say(e, "the salt is too long");
	return 0;
}

static void lay_out(struct tree *t, int fd, const struct verity *v)
{
	uint64_t each = v->hash_block / VERITY_DIGEST, n = v->data_size / v->data_block;
	uint64_t at = v->hash_offset;

	*t = (struct tree){ .v = v, .fd = fd };
	while (n > 1) {
		n = (n + each - 1) / each;
		t->blocks[t->levels++] = n;
	}
	for (unsigned i = t->levels; i-- > 0;) {
		t->start[i] = at;
		at += t->blocks[i] * v->hash_block;
	}
}

uint64_t verity_tree_size(const struct verity *v)
{
	struct tree t;
	uint64_t blocks = 0;

	lay_out(&t, -1, v);
	for (unsigned i = 0; i < t.levels; i++)
		blocks += t.blocks[i];
	return blocks * v->hash_block;
}

static int read_block(int fd, void *buf, uint64_t size, uint64_t at, struct err *e)
{
	ssize_t n = fd_pread_full(fd, buf, size, at);

	if (n < 0)
		return err_sys(e, "read at byte %" PRIu64, at);
	if ((uint64_t)n < size)
		return err_say(e, "is cut short at byte %" PRIu64, at + (uint64_t)n);
	return 0;
}

static void digest(const struct verity *v, const uint8_t *block, uint64_t size,
                   uint8_t out[VERITY_DIGEST])
{
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, v->salt, v->salt_len);
	crypto_hash_sha256_update(&state, block, size);
	crypto_hash_sha256_final(&state, out);
}

static int say_mismatch(const struct tree *t, unsigned height, uint64_t at, struct err *e)
{
	if (height == t->levels && height)
		return err_say(e, "its hash tree is not the one that was signed");
	if (height == 0)
		return err_say(e, "its data is damaged at byte %" PRIu64, at);
	return err_say(e, "its hash tree is damaged at byte %" PRIu64, at);
}

/* The digests that block i of the level at `height` is checked against, in `above`: read
 * where they begin. `above` begins as the root. */
static int read_above(const struct tree *t, unsigned height, uint64_t i, uint8_t above[VERITY_BLOCK_MAX],
                      struct err *e)
{
	uint64_t size = t->v->hash_block, each = size / VERITY_DIGEST;

	if (height >= t->levels || i % each)
		return 0;
	return read_block(t->fd, above, size, t->start[height] + i / each * size, e);
}

/* Checks the first `count` blocks of the level at `height` (0: the data; else
 * level height - 1) against the level above, which has been checked. */
static int check_level(const struct tree *t, unsigned height, uint64_t count, struct err *e)
{
	const struct verity *v = t->v;
	uint64_t size = height ? v->hash_block : v->data_block;
	uint64_t start = height ? t->start[height - 1] : 0;
	uint64_t each = v->hash_block / VERITY_DIGEST;
	uint8_t block[VERITY_BLOCK_MAX], above[VERITY_BLOCK_MAX], found[VERITY_DIGEST];

	memcpy(above, v->root, VERITY_DIGEST);
	for (uint64_t i = 0; i < count; i++) {
		if (read_above(t, height, i, above, e) < 0 ||
		    read_block(t->fd, block, size, start + i * size, e) < 0)
			return -1;
		digest(v, block, size, found);
		if (memcmp(found, above + i % each * VERITY_DIGEST, VERITY_DIGEST) != 0)
			return say_mismatch(t, height, start + i * size, e);
	}
	return 0;
}

int verity_check_first(int fd, const struct verity *v, struct err *e)
{
	struct tree t;

	lay_out(&t, fd, v);
	for (unsigned height = t.levels + 1; height-- > 0;)
		if (check_level(&t, height, 1, e) < 0)
			return -1;
	return 0;
}

int verity_check_all(int fd, const struct verity *v, struct err *e)
{
	struct tree t;

	lay_out(&t, fd, v);
	for (unsigned height = t.levels; height > 0; height--)
		if (check_level(&t, height, t.blocks[height - 1], e) < 0)
			return -1;
	return check_level(&t, 0, v->data_size / v->data_block, e);
}

void verity_digest(const struct verity *v, const void *block, uint8_t out[VERITY_DIGEST])
{
	digest(v, block, v->data_block, out);
}

void verity_digests(const struct verity *v, const uint8_t *blocks, size_t n, uint8_t *out)
{
	for (; n > 0; n--) {
		verity_digest(v, blocks, out);
		blocks += v->data_block;
		out += VERITY_DIGEST;
	}
}

struct finding {
	const struct tree *t;
	const uint8_t *digests; /* of the data */
	void (*bad)(void *ctx, uint64_t offset, uint64_t size);
	void *ctx;
};

static int digest_at(const struct finding *f, unsigned height, uint64_t i,
                     uint8_t out[VERITY_DIGEST], struct err *e)
{
	const struct verity *v = f->t->v;
	uint8_t block[VERITY_BLOCK_MAX];

	if (height == 0) {
		memcpy(out, f->digests + i * VERITY_DIGEST, VERITY_DIGEST);
		return 0;
	}
	if (read_block(f->t->fd, block, v->hash_block,
	               f->t->start[height - 1] + i * v->hash_block, e) < 0)
		return -1;
	digest(v, block, v->hash_block, out);
	return 0;
}

/* As check_level, but goes on and tells all. */
static long find_in_level(const struct finding *f, unsigned height, uint64_t count, struct err *e)
{
	const struct tree *t = f->t;
	const struct verity *v = t->v;
	uint64_t size = height ? v->hash_block : v->data_block;
	uint64_t start = height ? t->start[height - 1] : 0, each = v->hash_block / VERITY_DIGEST;
	uint8_t above[VERITY_BLOCK_MAX], found[VERITY_DIGEST];
	long n = 0;

	memcpy(above, v->root, VERITY_DIGEST);
	for (uint64_t i = 0; i < count; i++) {
		if (read_above(t, height, i, above, e) < 0 || digest_at(f, height, i, found, e) < 0)
			return -1;
		if (memcmp(found, above + i % each * VERITY_DIGEST, VERITY_DIGEST) == 0)
			continue;
		f->bad(f->ctx, start + i * size, size);
		n++;
	}
	return n;
}

long verity_find_bad(int fd, const struct verity *v, const uint8_t *digests,
                     void (*bad)(void *ctx, uint64_t offset, uint64_t size), void *ctx,
                     struct err *e)
{
	struct tree t;
	struct finding f = { &t, digests, bad, ctx };
	long n = 0;

	lay_out(&t, fd, v);
	for (unsigned height = t.levels; n == 0 && height > 0; height--)
		n = find_in_level(&f, height, t.blocks[height - 1], e);
	return n ? n : find_in_level(&f, 0, v->data_size / v->data_block, e);
}
