/* known: the generation met last, kept for one name. */
#include "../../../overlay/slot/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void a_number_is_kept_for_its_name(void **state)
{
	char path[] = "/tmp/slate-known-XXXXXX";
	struct err e = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && close(fd) == 0 && unlink(path) == 0);
	assert_int_equal(known_read(path, "default"), 0);
	assert_int_equal(known_note(path, "default", 7, &e), 0);
	assert_int_equal(known_read(path, "default"), 7);
	assert_int_equal(known_read(path, "other"), 0);
	/* the numbers may have begun anew */
	assert_int_equal(known_note(path, "default", 3, &e), 0);
	assert_int_equal(known_read(path, "default"), 3);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(known_note(NULL, "default", 3, &e), 0);
	assert_int_equal(known_read(NULL, "default"), 0);
}

static void only_a_lower_one_is_missing(void **state)
{
	char text[KNOWN_TEXT];

	(void)state;
	assert_false(known_missing(0, 0, text));
	assert_false(known_missing(7, 7, text));
	assert_false(known_missing(7, 8, text));
	assert_true(known_missing(7, 6, text));
	assert_non_null(strstr(text, "generation 7 was on the medium, and the newest is 6 now"));
	assert_true(known_missing(1, 0, text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_kept_for_its_name),
		cmocka_unit_test(only_a_lower_one_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
