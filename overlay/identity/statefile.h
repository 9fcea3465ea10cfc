/* statefile: what the medium remembers of a machine's boots, beside what was saved.
 *
 * slate/state holds two blocks of STATEFILE_BLOCK bytes that are written in turn, so
 * that a power cut leaves one of them whole. A block is text, a "key=value" line for
 * each fact, and zeros behind:
 *
 *     slate-state=1
 *     sequence=12            the block with the higher one counts
 *     time=1795000000        the clock when it was written, seconds since 1970
 *     seed=HEX               for the random generator of the next boot; may be missing
 *     seed-good=1            it was made when the generator was ready
 *     image.NAME=VERSION     the highest version of a signed image that has run here
 *     restarts=2             so often in a row the machine has restarted itself; may be missing
 *     digest=HEX             BLAKE2b-256 of all lines above
 *
 * The digest is against chance. Whoever can write the medium can put an old file back.  */
#ifndef IDENTITY_STATEFILE_H
#define IDENTITY_STATEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"

#define STATEFILE_PATH "slate/state" /* relative to the medium */

enum {
	STATEFILE_BLOCK = 4096,
	STATEFILE_SEED = 32,
	STATEFILE_IMAGES_MAX = 16,
	STATEFILE_RESTARTS_MAX = 1000
};

struct statefile {
	uint64_t sequence;
	int64_t time; /* seconds since 1970 */
	bool has_seed, seed_good;
	uint8_t seed[STATEFILE_SEED];
	struct statefile_image {
		char name[65]; /* as in a manifest */
		uint64_t version;
	} images[STATEFILE_IMAGES_MAX];
	size_t n_images;
	uint64_t restarts; /* STATEFILE_RESTARTS_MAX at most */
};

/* 0, or -1 with *e. Pure. */
int statefile_decode(struct span block, struct statefile *out, struct err *e);

/* Fills a whole block. 0, or -1 with *e: a name that would not be accepted. Pure. */
int statefile_encode(const struct statefile *s, char block[STATEFILE_BLOCK], struct err *e);

/* The highest version of the image called `name`; 0: never seen. */
uint64_t statefile_version(const struct statefile *s, const char *name);

/* Remembers `version` where it is higher. 1: it was; 0: nothing new; -1: no room for
 * another name. */
int statefile_raise(struct statefile *s, const char *name, uint64_t version);

#endif
