#include "statefile.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../trust/rootmanifest.h"

#define IMAGE_KEY  "image."
#define DIGEST_KEY "digest="

enum { DIGEST = 32 };

static bool hex_is(struct span value, uint8_t *out, size_t size)
{
	const char *end;
	size_t len;

	return value.at && value.len == 2 * size &&
	       sodium_hex2bin(out, size, value.at, value.len, NULL, &len, &end) == 0 && len == size;
}

static void digest_of(struct span text, uint8_t out[DIGEST])
{
	crypto_generichash(out, DIGEST, (const unsigned char *)text.at, text.len, NULL, 0);
}

static int add_image(struct statefile *s, struct span name, struct span value, struct err *e)
{
	struct statefile_image image = { 0 };

	if (s->n_images == STATEFILE_IMAGES_MAX)
		return err_say(e, "more than %d images", STATEFILE_IMAGES_MAX);
	if (!rootmanifest_name_is_plain(name) || !span_copy(name, image.name, sizeof image.name) ||
	    statefile_version(s, image.name) || !span_uint(value, INT64_MAX, &image.version) ||
	    image.version == 0)
		return err_say(e, IMAGE_KEY ": not a name and a version, once");
	s->images[s->n_images++] = image;
	return 0;
}

enum {
	SEEN_FORMAT = 1,
	SEEN_SEQUENCE = 2,
	SEEN_TIME = 4,
	SEEN_SEED = 8,
	SEEN_GOOD = 16,
	SEEN_RESTARTS = 32,
};

static int apply(struct statefile *s, struct span line, unsigned *seen, struct err *e)
{
	struct span name, value;
	uint64_t number = 0;
	bool good = false;
	unsigned bit = 0;

	span_cut(line, '=', &name, &value);
	if (span_starts(name, IMAGE_KEY))
		return add_image(s, span_from(name, strlen(IMAGE_KEY)), value, e);
	if (span_is(name, "slate-state")) {
		bit = SEEN_FORMAT;
		good = span_uint(value, 1, &number) && number == 1;
	} else if (span_is(name, "sequence")) {
		bit = SEEN_SEQUENCE;
		good = span_uint(value, UINT64_MAX - 1, &s->sequence) && s->sequence > 0;
	} else if (span_is(name, "time")) {
		bit = SEEN_TIME;
		good = span_uint(value, INT64_MAX, &number);
		s->time = (int64_t)number;
	} else if (span_is(name, "seed")) {
		bit = SEEN_SEED;
		good = s->has_seed = hex_is(value, s->seed, sizeof s->seed);
	} else if (span_is(name, "seed-good")) {
		bit = SEEN_GOOD;
		good = span_uint(value, 1, &number);
		s->seed_good = number == 1;
	} else if (span_is(name, "restarts")) {
		bit = SEEN_RESTARTS;
		good = span_uint(value, STATEFILE_RESTARTS_MAX, &s->restarts);
	}
	if (!good || (*seen & bit))
		return err_say(e, "not a line of a state file: %.*s",
		               (int)(name.len < 40 ? name.len : 40), name.at);
	*seen |= bit;
	return 0;
}

/* What stands before the digest, when that is right. */
static bool check_digest(struct span block, struct span *text)
{
	uint8_t wanted[DIGEST], found[DIGEST];
	const char *zeros = memchr(block.at, '\0', block.len);
	struct span all = { block.at, zeros ? (size_t)(zeros - block.at) : block.len }, line;
	struct span left = all;

	while (span_line(&left, &line)) {
		if (!span_starts(line, DIGEST_KEY))
			continue;
		*text = (struct span){ all.at, (size_t)(line.at - all.at) };
		digest_of(*text, found);
		return left.len == 0 &&
		       hex_is(span_from(line, strlen(DIGEST_KEY)), wanted, sizeof wanted) &&
		       memcmp(wanted, found, DIGEST) == 0;
	}
	return false;
}

int statefile_decode(struct span block, struct statefile *out, struct err *e)
{
	struct statefile s = { 0 };
	struct span text, line;
	unsigned seen = 0;

	*out = s;
	if (!check_digest(block, &text))
		return err_say(e, "damaged (its digest does not match)");
	while (span_line(&text, &line))
		if (apply(&s, line, &seen, e) < 0)
			return -1;
	if ((seen & (SEEN_FORMAT | SEEN_SEQUENCE | SEEN_TIME)) !=
	    (SEEN_FORMAT | SEEN_SEQUENCE | SEEN_TIME))
		return err_say(e, "a line is missing");
	*out = s;
	return 0;
}

int statefile_encode(const struct statefile *s, char block[STATEFILE_BLOCK], struct err *e)
{
	char hex[2 * DIGEST + 1];
	uint8_t digest[DIGEST];
	struct statefile check;
	int used;

	memset(block, 0, STATEFILE_BLOCK);
	used = snprintf(block, STATEFILE_BLOCK, "slate-state=1\nsequence=%" PRIu64 "\ntime=%" PRId64 "\n",
	                s->sequence, s->time);
	if (s->has_seed)
		used += snprintf(block + used, STATEFILE_BLOCK - (size_t)used,
		                 "seed=%s\nseed-good=%d\n",
		                 sodium_bin2hex(hex, sizeof hex, s->seed, sizeof s->seed),
		                 s->seed_good);
	/* 16 names of 64 characters fit with room to spare */
	for (size_t i = 0; i < s->n_images; i++)
		used += snprintf(block + used, STATEFILE_BLOCK - (size_t)used,
		                 IMAGE_KEY "%s=%" PRIu64 "\n", s->images[i].name,
		                 s->images[i].version);
	if (s->restarts)
		used += snprintf(block + used, STATEFILE_BLOCK - (size_t)used,
		                 "restarts=%" PRIu64 "\n", s->restarts);
	digest_of((struct span){ block, (size_t)used }, digest);
	sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
	snprintf(block + used, STATEFILE_BLOCK - (size_t)used, DIGEST_KEY "%s\n", hex);
	return statefile_decode((struct span){ block, STATEFILE_BLOCK }, &check, e);
}

uint64_t statefile_version(const struct statefile *s, const char *name)
{
	for (size_t i = 0; i < s->n_images; i++)
		if (strcmp(s->images[i].name, name) == 0)
			return s->images[i].version;
	return 0;
}

int statefile_raise(struct statefile *s, const char *name, uint64_t version)
{
	size_t i = 0;

	while (i < s->n_images && strcmp(s->images[i].name, name) != 0)
		i++;
	if (version == 0 || (i < s->n_images && s->images[i].version >= version))
		return 0;
	if (i == STATEFILE_IMAGES_MAX || strlen(name) >= sizeof s->images[i].name)
		return -1;
	if (i == s->n_images)
		snprintf(s->images[s->n_images++].name, sizeof s->images[i].name, "%s", name);
	s->images[i].version = version;
	return 1;
}
