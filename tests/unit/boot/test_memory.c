/* memory: what is refused because a newer one has run, and the clock's floor. */
#include "../../../init/boot/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void only_an_older_image_of_the_same_name_is_refused(void **state)
{
	static const struct {
		const char *name;
		uint64_t version;
		bool allowed;
		int result;
	} rows[] = {
		{ "kiosk", 41, false, 0 }, { "kiosk", 42, false, 0 }, { "kiosk", 40, false, -1 },
		{ "kiosk", 0, false, -1 }, { "other", 1, false, 0 },  { "kiosk", 40, true, 0 },
	};
	char degraded[] = "/tmp/slate-memory-XXXXXX";

	(void)state;
	close(mkstemp(degraded));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		static struct boot b;
		struct rootmanifest m = { .version = rows[i].version };
		struct err e = { 0 };

		b = (struct boot){ .degraded = degraded, .settings.downgrade = rows[i].allowed };
		b.report.kmsg = -1;
		b.report.name = "test";
		strcpy(m.name, rows[i].name);
		assert_int_equal(statefile_raise(&b.remembered, "kiosk", 41), 1);
		assert_int_equal(memory_check(&b, &m, &e), rows[i].result);
		assert_int_equal(strstr(e.text, "older than 41 of kiosk") != NULL, rows[i].result < 0);
	}
	unlink(degraded);
}

static void the_clock_is_raised_and_never_put_back(void **state)
{
	const int64_t built = 1795000000, year = 366 * 86400;

	(void)state;
	assert_int_equal(memory_clock_wanted(0, built, built), built);
	assert_int_equal(memory_clock_wanted(built + 5, built, built), 0);
	assert_int_equal(memory_clock_wanted(built, built, built), 0);
	assert_int_equal(memory_clock_wanted(built, built + 7 * year, built), built + 7 * year);
	/* nothing ran then */
	assert_int_equal(memory_clock_wanted(built, built + 80 * year, built), 0);
	assert_int_equal(memory_clock_wanted(10, 20, 0), 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_an_older_image_of_the_same_name_is_refused),
		cmocka_unit_test(the_clock_is_raised_and_never_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
