/* verify, dmverity: when an image has to be signed, and what device-mapper is told. */
#include "../../../init/boot/dmverity.h"
#include "../../../init/boot/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_key_asks_for_verification_unless_somebody_says_otherwise(void **state)
{
	static const struct {
		int setting;
		bool keyed;
		enum setting_verify mode;
	} rows[] = {
		{ VERIFY_UNSET, false, VERIFY_NO },
		{ VERIFY_UNSET, true, VERIFY_REQUIRE },
		{ VERIFY_NO, true, VERIFY_NO },
		{ VERIFY_IF_SIGNED, false, VERIFY_IF_SIGNED },
		{ VERIFY_REQUIRE, false, VERIFY_REQUIRE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct boot b;

		b.settings.verify = rows[i].setting;
		b.keyed = rows[i].keyed;
		assert_int_equal(verify_mode(&b), rows[i].mode);
	}
}

static void the_table_says_what_the_manifest_says(void **state)
{
	struct verity v = { .data_size = UINT64_C(5) << 30, .data_block = 4096, .hash_block = 1024,
		            .hash_offset = UINT64_C(6) << 30, .salt = { 0xab, 0x01 },
		            .salt_len = 2, .root = { 0xff } };
	static const char start[] = "1 7:3 7:3 4096 1024 1310720 6291456 sha256 ff00";
	struct err e = { 0 };
	char text[400];

	(void)state;
	assert_int_equal(dmverity_table(&v, 7, 3, DMVERITY_FAIL, text, sizeof text, &e), 0);
	assert_memory_equal(text, start, sizeof start - 1);
	assert_string_equal(strrchr(text, ' '), " ab01");
	assert_int_equal(dmverity_table(&v, 7, 3, DMVERITY_RESTART, text, sizeof text, &e), 0);
	assert_non_null(strstr(text, " ab01 1 restart_on_corruption"));
	v.salt_len = 0;
	assert_int_equal(dmverity_table(&v, 7, 3, DMVERITY_FAIL, text, sizeof text, &e), 0);
	assert_string_equal(strrchr(text, ' '), " -");
	assert_int_equal(dmverity_table(&v, 7, 3, DMVERITY_FAIL, text, 60, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_asks_for_verification_unless_somebody_says_otherwise),
		cmocka_unit_test(the_table_says_what_the_manifest_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
