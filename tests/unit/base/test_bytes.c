/* bytes: numbers as disks and wires have them. */
#include "../../../init/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const uint8_t known[] = { 0, 1, 2, 3, 4, 5, 6, 7, 0xf8, 9 };

static void numbers_are_read_at_any_address_in_either_order(void **state)
{
	(void)state;
	assert_int_equal(le16_get(known + 1), 0x0201);
	assert_int_equal(le32_get(known + 1), 0x04030201);
	assert_int_equal(le64_get(known + 1), 0xf807060504030201);
	assert_int_equal(be16_get(known + 1), 0x0102);
	assert_int_equal(be32_get(known + 1), 0x01020304);
	assert_int_equal(be64_get(known + 1), 0x01020304050607f8);
}

static void numbers_are_written_and_nothing_beside_them(void **state)
{
	uint8_t bytes[10] = { [9] = 9 };

	(void)state;
	le64_put(bytes + 1, 0xf807060504030201);
	assert_memory_equal(bytes, known, sizeof known);
	be64_put(bytes + 1, 0x01020304050607f8);
	assert_memory_equal(bytes, known, sizeof known);
	le32_put(bytes + 3, 0x0d0c0b0a);
	le16_put(bytes + 1, 0x0f0e);
	assert_memory_equal(bytes, "\0\x0e\x0f\x0a\x0b\x0c\x0d\x07\xf8\x09", sizeof bytes);
	be32_put(bytes + 3, 0x0d0c0b0a);
	be16_put(bytes + 1, 0x0f0e);
	assert_memory_equal(bytes, "\0\x0f\x0e\x0d\x0c\x0b\x0a\x07\xf8\x09", sizeof bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_at_any_address_in_either_order),
		cmocka_unit_test(numbers_are_written_and_nothing_beside_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
