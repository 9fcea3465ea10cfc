/* unsaved: how changes are told in a line a class. */
#include "../../../overlay/changes/unsaved.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static void note(struct unsaved *u, char kind, enum class class, const char *path,
                 const char *what)
{
	struct change c = { .kind = kind, .path = path, .class = class };

	snprintf(c.what, sizeof c.what, "%s", what);
	unsaved_add(u, &c);
}

static void a_line_names_three_and_counts_the_others(void **state)
{
	struct unsaved u = { 0 };
	char line[UNSAVED_LINE_MAX];

	(void)state;
	assert_false(unsaved_line(&u, CLASS_CONFIG, line));
	note(&u, 'U', CLASS_CONFIG, "etc/a", "content, mode");
	assert_true(unsaved_line(&u, CLASS_CONFIG, line));
	assert_string_equal(line, "config: etc/a (content, mode)");
	note(&u, 'A', CLASS_CONFIG, "etc/b", "");
	note(&u, 'D', CLASS_CONFIG, "etc/c\x1b[2J", "");
	assert_true(unsaved_line(&u, CLASS_CONFIG, line));
	assert_string_equal(line, "config: etc/a (content, mode), etc/b (new), etc/c?[2J (deleted)");
	note(&u, 'A', CLASS_CONFIG, "etc/d", "");
	note(&u, 'A', CLASS_CONFIG, "etc/e", "");
	assert_true(unsaved_line(&u, CLASS_CONFIG, line));
	assert_string_equal(line, "config: etc/a (content, mode), etc/b (new), etc/c?[2J (deleted) "
	                          "and 2 more");
	assert_false(unsaved_line(&u, CLASS_IDENTITY, line));
	assert_int_equal(unsaved_count(&u), 5);
}

static void long_paths_are_cut_and_still_say_what_happened(void **state)
{
	static const char what[] = "content, mode, owner, attributes, replaced";
	struct unsaved u = { 0 };
	char path[2000], line[UNSAVED_LINE_MAX];

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	for (int i = 0; i < UNSAVED_NAMED + 1; i++)
		note(&u, 'U', CLASS_IDENTITY, path, what);
	assert_true(unsaved_line(&u, CLASS_IDENTITY, line));
	assert_non_null(strstr(line, "xxx... (content, mode, owner, attributes, replaced), xxx"));
	assert_non_null(strstr(line, " and 1 more"));
}

static void only_what_nobody_makes_anew_matters(void **state)
{
	static const struct {
		enum class class;
		bool matters;
	} cases[] = {
		{ CLASS_IDENTITY, true }, { CLASS_CONFIG, true }, { CLASS_DATA, true },
		{ CLASS_CACHE, false },   { CLASS_LOG, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct unsaved u = { 0 };

		assert_false(unsaved_matters(&u));
		note(&u, 'A', cases[i].class, "x", "");
		assert_int_equal(unsaved_matters(&u), cases[i].matters);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_names_three_and_counts_the_others),
		cmocka_unit_test(long_paths_are_cut_and_still_say_what_happened),
		cmocka_unit_test(only_what_nobody_makes_anew_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
