/* Any bytes as a block of the state file. What is accepted means the same when it is
 * written out. The digest would keep nearly all out, so it is made right first. */
#include <sodium.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/identity/statefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t seal(const uint8_t *data, size_t size, char block[STATEFILE_BLOCK])
{
	uint8_t digest[32];
	char hex[65];

	if (size > STATEFILE_BLOCK - 80)
		size = STATEFILE_BLOCK - 80;
	memcpy(block, data, size);
	if (size && block[size - 1] != '\n')
		block[size++] = '\n';
	crypto_generichash(digest, sizeof digest, (const uint8_t *)block, size, NULL, 0);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	return size + (size_t)sprintf(block + size, "digest=%s\n", hex);
}

/* An image of a higher version is remembered, where there is room, and of a lower one not. */
static void raise_version(struct statefile *s)
{
	const char *name = s->n_images ? s->images[s->sequence % s->n_images].name : "new";
	uint64_t version = statefile_version(s, name);
	int raised = statefile_raise(s, name, version + 1);

	if (raised != 1 || statefile_raise(s, name, version) != 0 || statefile_version(s, name) != version + 1)
		abort();
	raised = statefile_raise(s, "another", 7);
	if (raised < 0 ? s->n_images < STATEFILE_IMAGES_MAX : statefile_version(s, "another") < 7)
		abort();
}

static void check(struct span block)
{
	struct statefile s, again;
	char text[STATEFILE_BLOCK];
	struct err e = { 0 };

	if (statefile_decode(block, &s, &e) < 0) {
		if (!e.text[0] || s.sequence)
			abort();
		return;
	}
	if (s.n_images > STATEFILE_IMAGES_MAX || statefile_encode(&s, text, &e) < 0 ||
	    statefile_decode((struct span){ text, sizeof text }, &again, &e) < 0 ||
	    s.sequence != again.sequence || s.time != again.time || s.n_images != again.n_images ||
	    s.restarts != again.restarts || memcmp(s.images, again.images, sizeof s.images) != 0)
		abort();
	raise_version(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char block[STATEFILE_BLOCK];

	check((struct span){ (const char *)data, size });
	check((struct span){ block, seal(data, size, block) });
	return 0;
}
