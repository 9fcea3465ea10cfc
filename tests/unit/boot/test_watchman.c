/* watchman: which boots are fed. */
#include "../../../init/boot/watchman.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void a_threads_state_is_read(void **state)
{
	struct watchman_look look;

	(void)state;
	assert_true(watchman_decode(span_of("Name:\tslate-boot\nState:\tD (disk sleep)\nTgid:\t1\n"
	                                    "voluntary_ctxt_switches:\t4711\n"
	                                    "nonvoluntary_ctxt_switches:\t12\n"),
	                            &look));
	assert_int_equal(look.state, 'D');
	assert_int_equal(look.waits, 4711);
}

static void other_text_is_no_state(void **state)
{
	static const char *const texts[] = {
		"", "State:\n", "State:\tS (sleeping)\n", "voluntary_ctxt_switches:\t1\n",
		"State:\tS\nvoluntary_ctxt_switches:\tmany\n",
	};
	struct watchman_look look;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(watchman_decode(span_of(texts[i]), &look));
}

static void only_work_without_progress_is_stuck(void **state)
{
	static const struct {
		struct watchman_look before, now;
		bool stuck;
	} rows[] = {
		{ { 'S', 7 }, { 'S', 7 }, false }, /* waits for a device or a key */
		{ { 'D', 7 }, { 'D', 9 }, false }, /* reads, a block at a time */
		{ { 'R', 7 }, { 'R', 7 }, true },  /* spins */
		{ { 'D', 7 }, { 'D', 7 }, true },  /* a device that does not answer */
		{ { 'S', 7 }, { 'D', 7 }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(watchman_is_stuck(&rows[i].before, &rows[i].now), rows[i].stuck);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_threads_state_is_read),
		cmocka_unit_test(other_text_is_no_state),
		cmocka_unit_test(only_work_without_progress_is_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
