/* minisign, rootmanifest, verity: what is accepted as signed, and what a changed
 * byte of key, signature, manifest, hash tree or data comes to. */
#include "../../../overlay/trust/minisign.h"
#include "../../../overlay/trust/rootmanifest.h"
#include "../../../overlay/trust/verity.h"
#include "signed.h"

#include <inttypes.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* Is `text` signed by `signature_text` and one of our keys? */
static int check(const char *key_text, struct span signature_text, struct span text, struct err *e)
{
	struct minisign_key k;
	struct minisign_signature s;

	*e = (struct err){ 0 };
	if (minisign_key_decode(span_of(key_text), &k, e) < 0 ||
	    minisign_signature_decode(signature_text, &s, e) < 0)
		return -1;
	return minisign_check(&s, &k, 1, text, e);
}

static void both_kinds_of_signature_are_accepted(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(check(key, span_of(signature), span_of(manifest), &e), 0);
	assert_int_equal(check(key, span_of(legacy), span_of(manifest), &e), 0);
	assert_int_equal(check(other_key, span_of(by_other), span_of(manifest), &e), 0);
}

static void a_key_may_come_without_its_comment_and_with_carriage_returns(void **state)
{
	struct minisign_key a, b;
	struct err e;
	char text[200], id[MINISIGN_ID_TEXT];

	(void)state;
	snprintf(text, sizeof text, "%.56s\r\n", strchr(key, '\n') + 1);
	assert_int_equal(minisign_key_decode(span_of(key), &a, &e), 0);
	assert_int_equal(minisign_key_decode(span_of(text), &b, &e), 0);
	assert_memory_equal(&a, &b, sizeof a);
	minisign_id(a.id, id);
	assert_non_null(strstr(key, id));
}

static void a_key_is_written_as_it_is_read(void **state)
{
	struct minisign_key k;
	char text[MINISIGN_KEY_TEXT];
	struct err e;

	(void)state;
	assert_int_equal(minisign_key_decode(span_of(key), &k, &e), 0);
	minisign_key_encode(&k, text);
	assert_string_equal(text, key);
}

static void a_hash_is_only_signed_by_the_newer_kind(void **state)
{
	uint8_t hash[MINISIGN_HASH];
	struct minisign_signature s;
	struct minisign_key k;
	struct err e;

	(void)state;
	crypto_generichash(hash, sizeof hash, (const uint8_t *)manifest, strlen(manifest), NULL, 0);
	assert_int_equal(minisign_key_decode(span_of(key), &k, &e), 0);
	assert_int_equal(minisign_signature_decode(span_of(signature), &s, &e), 0);
	assert_int_equal(minisign_check_hash(&s, &k, 1, hash, &e), 0);
	hash[63] ^= 1;
	assert_int_equal(minisign_check_hash(&s, &k, 1, hash, &e), -1);
	hash[63] ^= 1;
	assert_int_equal(minisign_signature_decode(span_of(legacy), &s, &e), 0);
	assert_int_equal(minisign_check_hash(&s, &k, 1, hash, &e), -1);
	assert_non_null(strstr(e.text, "older kind"));
}

static void another_key_is_named(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(check(key, span_of(by_other), span_of(manifest), &e), -1);
	assert_string_equal(e.text, "is by the key 7AF00C9343B66F48, which is not trusted here");
}

static void every_changed_bit_of_a_signature_is_refused(void **state)
{
	static const char *const texts[] = { signature, legacy };

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		char changed[1024];
		size_t len = strlen(texts[t]);
		/* the first line is the one that is not signed */
		size_t first = (size_t)(strchr(texts[t], '\n') - texts[t]) + 1;

		for (size_t i = first; i < len; i++)
			for (int bit = 0; bit < 8; bit++) {
				struct err e;

				memcpy(changed, texts[t], len);
				changed[i] = (char)(changed[i] ^ 1 << bit);
				if (check(key, (struct span){ changed, len }, span_of(manifest), &e) == 0 ||
				    !e.text[0])
					fail_msg("byte %zu, bit %d: accepted", i, bit);
			}
		for (size_t cut = 0; cut + 1 < len; cut++) {
			struct err e;

			if (check(key, (struct span){ texts[t], cut }, span_of(manifest), &e) == 0)
				fail_msg("cut to %zu bytes: accepted", cut);
		}
	}
}

static void every_changed_bit_of_a_manifest_is_refused(void **state)
{
	char changed[sizeof manifest];
	size_t len = strlen(manifest);
	struct err e;

	(void)state;
	for (size_t i = 0; i < len; i++)
		for (int bit = 0; bit < 8; bit++) {
			memcpy(changed, manifest, len);
			changed[i] = (char)(changed[i] ^ 1 << bit);
			if (check(key, span_of(signature), (struct span){ changed, len }, &e) == 0)
				fail_msg("byte %zu, bit %d: accepted", i, bit);
		}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(
			check(key, span_of(signature), (struct span){ manifest, cut }, &e), -1);
}

static void a_key_of_other_bytes_is_refused(void **state)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{ "", "cut short" },
		{ "untrusted comment: x\n", "cut short" },
		{ "untrusted comment: x\nRWSf8aiP\n", "42 bytes" },
		{ "untrusted comment: x\n"
		  "RUSf8aiPldmzo5mMWyobNLIFFRCYN4K9SNjavFs6LBlLCTaDX7Zn1BYZ\n", "another kind" },
		{ "RWSf8aiPldmzo5mMWyobNLIFFRCYN4K9SNjavFs6LBlLCTaDX7Zn1BYZAAAA\n", "42 bytes" },
		{ "RWSf8aiPldmzo5mMWyobNLIFFRCYN4K9SNjavFs6LBlLCTaDX7Zn1BY!\n", "42 bytes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct minisign_key k;
		struct err e = { 0 };

		assert_int_equal(minisign_key_decode(span_of(rows[i].text), &k, &e), -1);
		if (!strstr(e.text, rows[i].error))
			fail_msg("row %zu: %s", i, e.text);
	}
}

static void a_manifest_reads_and_writes_back_the_same(void **state)
{
	struct rootmanifest m;
	struct err e = { 0 };
	char text[ROOTMANIFEST_MAX];

	(void)state;
	assert_int_equal(rootmanifest_decode(span_of(manifest), &m, &e), 0);
	assert_string_equal(m.name, "kiosk");
	assert_int_equal(m.version, 41);
	assert_string_equal(m.image, "root.squashfs");
	assert_int_equal(m.size, 712704);
	assert_int_equal(m.verity.salt_len, 32);
	assert_int_equal(rootmanifest_encode(&m, text, sizeof text, &e), (int)strlen(manifest));
	assert_string_equal(text, manifest);
	assert_int_equal(rootmanifest_encode(&m, text, 100, &e), -1);
}

/* The manifest with `line` in place of the one for the same key; NULL: without it. */
static void replaced(const char *name, const char *line, char *out, size_t size)
{
	struct span rest = span_of(manifest), one;
	size_t used = 0;

	while (span_line(&rest, &one)) {
		struct span left, value;

		span_cut(one, '=', &left, &value);
		if (!span_is(left, name))
			used += (size_t)snprintf(out + used, size - used, "%.*s\n", SPAN_ARGS(one));
		else if (line)
			used += (size_t)snprintf(out + used, size - used, "%s\n", line);
	}
}

static void a_manifest_that_contradicts_itself_is_refused(void **state)
{
	static const struct {
		const char *name, *line, *error;
	} rows[] = {
		{ "slate-manifest", NULL, "slate-manifest: missing" },
		{ "slate-manifest", "slate-manifest=2", "slate-manifest: not a number from 1 to 1" },
		{ "root-hash", NULL, "root-hash: missing" },
		{ "root-hash", "root-hash=e949", "root-hash: not 32 bytes" },
		{ "root-hash", "root-hash=x", "root-hash: not 32 bytes" },
		{ "salt", "salt=abc", "salt: not bytes" },
		{ "salt", "salt=zz", "salt: not bytes" },
		{ "hash", "hash=sha1", "hash: not sha256" },
		{ "name", "name=", "name: letters" },
		{ "name", "name=a b", "name: letters" },
		{ "name", "name=a\nname=b", "name: stands there twice" },
		{ "image", "image=../root.squashfs", "image: not the name" },
		{ "image", "image=.squashfs", "image: not the name" },
		{ "image", "image=root.erofs", "image: not the name" },
		{ "fstype", "fstype=ext4", "fstype: neither" },
		{ "version", "version=-1", "version: not a number" },
		{ "version", "version=9223372036854775808", "version: not a number" },
		{ "size", "size=712703", "size: not that of" },
		{ "size", "size=18446744073709551615", "size: not a number" },
		{ "data-size", "data-size=700417", "whole blocks" },
		{ "data-size", "data-size=0", "data-size: not a number" },
		{ "data-size", "data-size=704512", "behind the data" },
		{ "data-block", "data-block=3000", "powers of two" },
		{ "data-block", "data-block=8192", "powers of two" },
		{ "hash-block", "hash-block=256", "powers of two" },
		{ "hash-offset", "hash-offset=700417", "behind the data" },
		{ "hash-offset", "hash-offset=4096", "behind the data" },
		{ "hash-offset", "hash-offset=704512", "size: not that of" },
		{ "version", "version=41\nmust-not=run", "does not know: must-not" },
		{ "version", "version=41\n", "does not know: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[2048];
		struct rootmanifest m;
		struct err e = { 0 };

		replaced(rows[i].name, rows[i].line, text, sizeof text);
		assert_int_equal(rootmanifest_decode(span_of(text), &m, &e), -1);
		if (!strstr(e.text, rows[i].error))
			fail_msg("row %zu: %s", i, e.text);
	}
}

static void trees_have_the_size_that_veritysetup_gives_them(void **state)
{
	static const struct {
		uint64_t data_size, tree;
	} rows[] = {
		{ 4096, 0 },                                  /* the root hash is the block's */
		{ 2 * 4096, 4096 },
		{ 128 * 4096, 4096 },
		{ 129 * 4096, 3 * 4096 },
		{ 700416, 12288 },
		{ UINT64_C(5) << 30, 10321 * 4096 },          /* more than 32 bits of bytes */
		{ UINT64_C(1) << 44, UINT64_C(33818641) * 4096 }, /* and of blocks */
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct verity v = { .data_size = rows[i].data_size, .data_block = 4096,
			            .hash_block = 4096, .hash_offset = rows[i].data_size };
		struct err e;

		assert_int_equal(verity_validate(&v, &e), 0);
		if (verity_tree_size(&v) != rows[i].tree)
			fail_msg("row %zu: %" PRIu64, i, verity_tree_size(&v));
	}
}

enum { BLOCK = 512, BLOCKS = 300, EACH = BLOCK / VERITY_DIGEST };

static void digest(const uint8_t *block, uint8_t out[VERITY_DIGEST])
{
	crypto_hash_sha256_state s;

	crypto_hash_sha256_init(&s);
	crypto_hash_sha256_update(&s, (const uint8_t *)"salt", 4);
	crypto_hash_sha256_update(&s, block, BLOCK);
	crypto_hash_sha256_final(&s, out);
}

/* 300 blocks and their tree of three levels, made from the bottom up. */
static int make_file(struct verity *v, size_t *size)
{
	static uint8_t file[(BLOCKS + 19 + 2 + 1) * BLOCK];
	/* levels in the file: top, middle, bottom */
	const size_t at[] = { 0, BLOCKS + 3, BLOCKS + 1, BLOCKS }, n[] = { BLOCKS, 19, 2, 1 };
	int fd = memfd_create("image", MFD_CLOEXEC);

	memset(file, 0, sizeof file);
	for (size_t i = 0; i < (size_t)BLOCKS * BLOCK; i++)
		file[i] = (uint8_t)(i * 31 + i / BLOCK);
	for (size_t level = 1; level < 4; level++)
		for (size_t i = 0; i < n[level - 1]; i++)
			digest(file + (at[level - 1] + i) * BLOCK,
			       file + (at[level] + i / EACH) * BLOCK + i % EACH * VERITY_DIGEST);
	*v = (struct verity){ .data_size = (uint64_t)BLOCKS * BLOCK, .data_block = BLOCK,
		              .hash_block = BLOCK, .hash_offset = (uint64_t)BLOCKS * BLOCK,
		              .salt = "salt", .salt_len = 4 };
	digest(file + BLOCKS * BLOCK, v->root);
	assert_int_equal(write(fd, file, sizeof file), sizeof file);
	*size = sizeof file;
	return fd;
}

static void every_changed_block_of_data_and_tree_is_found(void **state)
{
	struct verity v;
	size_t size;
	int fd = make_file(&v, &size);
	struct err e = { 0 };

	(void)state;
	assert_int_equal(size, v.data_size + verity_tree_size(&v));
	if (verity_check_all(fd, &v, &e) < 0 || verity_check_first(fd, &v, &e) < 0)
		fail_msg("%s", e.text);
	for (size_t at = 7; at < size; at += BLOCK) {
		uint8_t byte, changed;

		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		changed = byte ^ 0x40;
		assert_int_equal(pwrite(fd, &changed, 1, (off_t)at), 1);
		if (verity_check_all(fd, &v, &e) == 0)
			fail_msg("byte %zu changed: accepted", at);
		/* the way to the first block is the first block of each level */
		assert_int_equal(verity_check_first(fd, &v, &e),
		                 at < BLOCK || at / BLOCK == BLOCKS || at / BLOCK == BLOCKS + 1 ||
		                                 at / BLOCK == BLOCKS + 3 ?
		                         -1 :
		                         0);
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	}
	assert_int_equal(verity_check_all(fd, &v, &e), 0);
	assert_int_equal(ftruncate(fd, (off_t)size - 1), 0);
	assert_int_equal(verity_check_all(fd, &v, &e), -1);
	assert_non_null(strstr(e.text, "cut short"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_signature_are_accepted),
		cmocka_unit_test(a_key_may_come_without_its_comment_and_with_carriage_returns),
		cmocka_unit_test(a_key_is_written_as_it_is_read),
		cmocka_unit_test(a_hash_is_only_signed_by_the_newer_kind),
		cmocka_unit_test(another_key_is_named),
		cmocka_unit_test(every_changed_bit_of_a_signature_is_refused),
		cmocka_unit_test(every_changed_bit_of_a_manifest_is_refused),
		cmocka_unit_test(a_key_of_other_bytes_is_refused),
		cmocka_unit_test(a_manifest_reads_and_writes_back_the_same),
		cmocka_unit_test(a_manifest_that_contradicts_itself_is_refused),
		cmocka_unit_test(trees_have_the_size_that_veritysetup_gives_them),
		cmocka_unit_test(every_changed_block_of_data_and_tree_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
