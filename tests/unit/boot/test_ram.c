/* ram, zram: little memory. */
#include "../../../init/boot/layer.h"
#include "../../../init/boot/ram.h"
#include "../../../init/boot/zram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MIB(n) ((uint64_t)(n) << 20)

static void what_is_missing_is_said_in_numbers(void **state)
{
	struct meminfo m = { .total = MIB(60), .available = MEMINFO_NEEDED };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ram_is_enough(&m, &e), 0);
	m.available = MEMINFO_NEEDED - 1;
	assert_int_equal(ram_is_enough(&m, &e), -1);
	assert_non_null(strstr(e.text, "of the 60 MiB that this kernel has"));
}

static void a_size_is_read_in_each_form(void **state)
{
	static const struct {
		const char *setting;
		uint64_t total, bytes;
		bool refused;
	} rows[] = {
		{ "", MIB(96), MIB(48), false },
		{ "", MIB(191), MIB(95), false },
		{ "", MIB(192), 0, false },
		{ "auto", MIB(97), MIB(48), false },
		{ "no", MIB(96), 0, false },
		{ "0", MIB(96), 0, false },
		{ "64M", MIB(4096), MIB(64), false },
		{ "64m", MIB(4096), MIB(64), false },
		{ "2G", MIB(96), MIB(2048), false },
		{ "2048K", MIB(96), MIB(2), false },
		{ "33554432", MIB(96), MIB(32), false },
		{ "25%", MIB(400), MIB(100), false },
		{ "101%", MIB(400), 0, true },
		{ "64MB", MIB(400), 0, true },
		{ "M", MIB(400), 0, true },
		{ "-1", MIB(400), 0, true },
		{ "yes", MIB(400), 0, true },
		{ "1000", MIB(400), 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = { 0 };
		uint64_t bytes = 1;
		int result = zram_size(rows[i].setting, rows[i].total, &bytes, &e);

		if (result != (rows[i].refused ? -1 : 0) ||
		    (result == 0 && bytes != rows[i].bytes) || (result < 0 && !e.text[0]))
			fail_msg("%s: %d %llu %s", rows[i].setting, result,
			         (unsigned long long)bytes, e.text);
	}
}

static void the_header_is_that_of_mkswap(void **state)
{
	uint8_t page[4096];
	uint32_t version, last;

	(void)state;
	memset(page, 0xff, sizeof page);
	zram_header(page, sizeof page, MIB(1));
	memcpy(&version, page + 1024, 4);
	memcpy(&last, page + 1028, 4);
	assert_int_equal(version, 1);
	assert_int_equal(last, 255);
	assert_memory_equal(page + 4086, "SWAPSPACE2", 10);
	for (size_t i = 1032; i < 4086; i++)
		assert_int_equal(page[i], 0);
}

static void an_overlay_leaves_room_for_programs(void **state)
{
	(void)state;
	assert_int_equal(layer_limit(MIB(46), MIB(92)), MIB(46));
	assert_int_equal(layer_limit(MIB(60), MIB(92)), MIB(60));
	assert_int_equal(layer_limit(MIB(61), MIB(92)), MIB(60));
	assert_int_equal(layer_limit(MIB(92), MIB(92)), MIB(60));
	assert_int_equal(layer_limit(0, MIB(92)), MIB(60));
	assert_int_equal(layer_limit(UINT64_MAX, MIB(4096)), MIB(4064));
	assert_int_equal(layer_limit(MIB(30), MIB(60)), MIB(30));
	/* where the reserve would be more than half */
	assert_int_equal(layer_limit(MIB(10), MIB(20)), MIB(10));
	assert_int_equal(layer_limit(MIB(15), MIB(20)), MIB(10));
	assert_int_equal(layer_limit(MIB(5), MIB(10)), MIB(5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_said_in_numbers),
		cmocka_unit_test(a_size_is_read_in_each_form),
		cmocka_unit_test(an_overlay_leaves_room_for_programs),
		cmocka_unit_test(the_header_is_that_of_mkswap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
