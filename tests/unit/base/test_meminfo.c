/* meminfo: how much memory there is. */
#include "../../../init/base/meminfo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_kernel_s_text_is_read_in_bytes(void **state)
{
	static const char text[] = "MemTotal:          89580 kB\nMemFree:  1 kB\n"
	                           "MemAvailable:      16384 kB\nShmem:  12 kB\n"
	                           "SwapTotal: 100 kB\nSwapFree: 60 kB\nShmemHugePages: 7 kB\n";
	struct meminfo m;

	(void)state;
	meminfo_decode(span_of(text), &m);
	assert_int_equal(m.total, 89580 * 1024);
	assert_int_equal(m.available, 16 << 20);
	assert_int_equal(m.shmem, 12 * 1024);
	assert_int_equal(m.swap_total, 100 * 1024);
	assert_int_equal(m.swap_free, 60 * 1024);
}

static void what_is_not_said_is_nothing(void **state)
{
	static const char *const texts[] = { "", "MemTotal:", "MemTotal: x kB\n", "\n\n:\n",
		                             "MemTotal: 99999999999999999999 kB\n" };
	struct meminfo m;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		m.total = 1;
		meminfo_decode(span_of(texts[i]), &m);
		assert_int_equal(m.total, 0);
	}
}

static void this_machine_has_some(void **state)
{
	struct meminfo m;
	struct err e;

	(void)state;
	assert_int_equal(meminfo_read(&m, &e), 0);
	assert_true(m.total > m.available && m.available > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_s_text_is_read_in_bytes),
		cmocka_unit_test(what_is_not_said_is_nothing),
		cmocka_unit_test(this_machine_has_some),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
