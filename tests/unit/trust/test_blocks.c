/* blocks, verity_digests: the same digests, however the bytes come. */
#include "../../../overlay/trust/blocks.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCK = 1024, BLOCKS = 27, BEHIND = 100 };

static const struct verity tree = { .data_size = BLOCKS * BLOCK, .data_block = BLOCK, .salt_len = 32 };
static uint8_t bytes[BLOCKS * BLOCK + BEHIND], wanted[BLOCKS][VERITY_DIGEST];

static int make_bytes(void **state)
{
	(void)state;
	randombytes_buf(bytes, sizeof bytes);
	for (size_t i = 0; i < BLOCKS; i++)
		verity_digest(&tree, bytes + i * BLOCK, wanted[i]);
	return 0;
}

static void any_number_of_blocks_is_digested(void **state)
{
	uint8_t found[BLOCKS + 1][VERITY_DIGEST];

	(void)state;
	for (size_t n = 0; n <= BLOCKS; n++) {
		memset(found, 0x5a, sizeof found);
		verity_digests(&tree, bytes, n, found[0]);
		assert_memory_equal(found, wanted, n * VERITY_DIGEST);
		assert_int_equal(found[n][0], 0x5a); /* and nothing behind them */
	}
}

static void pieces_of_any_size_come_to_the_same(void **state)
{
	static const size_t sizes[] = { 1, 333, BLOCK - 1, BLOCK, BLOCK + 1, 8 * BLOCK,
		                        9 * BLOCK + 5, sizeof bytes };
	struct blocks b;
	struct err e;

	(void)state;
	assert_int_equal(blocks_open(&b, &tree, &e), 0);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		memset(b.digests, 0, sizeof wanted);
		blocks_restart(&b);
		for (size_t at = 0; at < sizeof bytes; at += sizes[i])
			blocks_add(&b, bytes + at,
			           at + sizes[i] < sizeof bytes ? sizes[i] : sizeof bytes - at);
		assert_memory_equal(b.digests, wanted, sizeof wanted);
		assert_int_equal(b.at, sizeof bytes);
	}
	blocks_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_blocks_is_digested),
		cmocka_unit_test(pieces_of_any_size_come_to_the_same),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, make_bytes, NULL);
}
