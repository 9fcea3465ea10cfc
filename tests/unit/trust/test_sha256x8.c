/* sha256x8: beside libsodium's SHA-256, one message after the other. */
#include "../../../overlay/trust/sha256x8.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE_MAX_TESTED = 4096, SALT_MAX_TESTED = 64 };

typedef void (*hash_fn)(const uint8_t *salt, size_t salt_len, const uint8_t *pieces, size_t size,
                        uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST]);

static void check(hash_fn hash, size_t salt_len, size_t size)
{
	uint8_t salt[SALT_MAX_TESTED], wanted[SHA256X8_DIGEST];
	uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST];
	/* of just that size, so that a byte read too far is found */
	uint8_t *pieces = malloc(SHA256X8_LANES * size);

	assert_non_null(pieces);
	randombytes_buf(salt, sizeof salt);
	randombytes_buf(pieces, SHA256X8_LANES * size);
	hash(salt, salt_len, pieces, size, digests);
	for (size_t i = 0; i < SHA256X8_LANES; i++) {
		crypto_hash_sha256_state state;

		crypto_hash_sha256_init(&state);
		crypto_hash_sha256_update(&state, salt, salt_len);
		crypto_hash_sha256_update(&state, pieces + i * size, size);
		crypto_hash_sha256_final(&state, wanted);
		assert_memory_equal(digests[i], wanted, sizeof wanted);
	}
	free(pieces);
}

static void check_all(hash_fn hash)
{
	static const size_t salts[] = { 0, 1, 8, 31, 32, 55, 63, 64 };
	static const size_t sizes[] = { 512, 1024, SIZE_MAX_TESTED };

	for (size_t i = 0; i < sizeof salts / sizeof *salts; i++) {
		for (size_t size = 1; size <= 200; size++)
			check(hash, salts[i], size);
		for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++)
			check(hash, salts[i], sizes[j]);
	}
}

static void eight_digests_are_what_one_after_the_other_are(void **state)
{
	(void)state;
	check_all(sha256x8);
}

static void they_are_the_same_by_what_every_machine_has(void **state)
{
	(void)state;
	check_all(sha256x8_plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_digests_are_what_one_after_the_other_are),
		cmocka_unit_test(they_are_the_same_by_what_every_machine_has),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
