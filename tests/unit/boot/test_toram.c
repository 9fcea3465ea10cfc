/* toram: what is copied where it fits, how it is shown, and that a copy is checked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../init/boot/toram.h"

#define MIB ((uint64_t)1 << 20)

static const struct {
	const char *row;
	int asked;
	uint64_t whole_mib, available_mib;
	enum setting_toram mode;
	const char *error;
} cases[] = {
	{ "nothing asked for", TORAM_UNSET, 1, 1000, TORAM_NO, NULL },
	{ "no", TORAM_NO, 1, 1000, TORAM_NO, NULL },
	{ "full that fits", TORAM_FULL, 300, 332, TORAM_FULL, NULL },
	{ "full without a reserve", TORAM_FULL, 300, 331, TORAM_NO, "do not fit" },
	{ "lazy that fits", TORAM_LAZY, 10, 100, TORAM_LAZY, NULL },
	{ "lazy that does not", TORAM_LAZY, 300, 200, TORAM_NO,
	  "300 MiB of images and 32 MiB for the machine do not fit into 200 MiB of free memory; "
	  "the medium must stay plugged in" },
	{ "auto, a small one", TORAM_AUTO, 64, 128, TORAM_FULL, NULL },
	{ "auto, a large one", TORAM_AUTO, 65, 130, TORAM_LAZY, NULL },
	{ "auto, more than half of the memory", TORAM_AUTO, 65, 129, TORAM_NO, NULL },
};

static void the_mode_follows_size_and_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		enum setting_toram mode = TORAM_UNSET;
		struct err e = { 0 };
		int result = toram_choose(cases[i].asked, cases[i].whole_mib * MIB,
		                          cases[i].available_mib * MIB, &mode, &e);

		if (mode != cases[i].mode || result != (cases[i].error ? -1 : 0) ||
		    (cases[i].error && !strstr(e.text, cases[i].error)))
			fail_msg("%s: %d, %s", cases[i].row, (int)mode, e.text);
	}
}

static void progress_shows_speed_and_time_left(void **state)
{
	char text[160];

	(void)state;
	toram_draw(text, sizeof text, 100 * MIB, 400 * MIB, 8000);
	assert_string_equal(text, "toram: [#####...............] 25% of 400 MiB, 12.5 MiB/s, 24 s left");
	toram_draw(text, sizeof text, 0, 400 * MIB, 0);
	assert_string_equal(text, "toram: [....................] 0% of 400 MiB, 0.0 MiB/s, 0 s left");
	toram_draw(text, sizeof text, 400 * MIB, 400 * MIB, 1000);
	assert_string_equal(text,
	                    "toram: [####################] 100% of 400 MiB, 400.0 MiB/s, 0 s left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mode_follows_size_and_memory),
		cmocka_unit_test(progress_shows_speed_and_time_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
