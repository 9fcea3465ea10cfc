/* textdiff, livestep's list: the parts of comparing and going back that need
 * no overlay. */
#include "../../../overlay/changes/textdiff.h"
#include "../../../overlay/tree/livestep.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_diff(struct span old, struct span new, bool clean, const char *want)
{
	char *said = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&said, &len);
	struct err e;

	assert_non_null(out);
	assert_int_equal(textdiff(old, new, out, clean, &e), 0);
	fclose(out);
	assert_string_equal(said, want);
	free(said);
}

static void the_lines_that_differ_are_shown_with_three_around_them(void **state)
{
	static const struct {
		const char *old, *new, *want;
	} cases[] = {
		{ "", "", "" },
		{ "a\nb\n", "a\nb\n", "" },
		{ "a\n", "b\n", "@@ -1 +1 @@\n-a\n+b\n" },
		{ "", "a\n", "@@ -0,0 +1 @@\n+a\n" },
		{ "a\nb\n", "", "@@ -1,2 +0,0 @@\n-a\n-b\n" },
		{ "a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n" },
		{ "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
		  "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n" },
		/* six lines between two edits: one hunk; seven: two */
		{ "a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n",
		  "@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n" },
		{ "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n",
		  "@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n" },
		{ "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n",
		  "@@ -1,7 +1,6 @@\n-a\n-b\n c\n+b\n a\n b\n-b\n a\n+c\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_diff(span_of(cases[i].old), span_of(cases[i].new), false, cases[i].want);
}

static void texts_with_too_many_edits_are_replaced_as_a_whole(void **state)
{
	enum { LINES = 3000 };
	char *old = malloc(LINES * 8), *new = malloc(LINES * 8);
	size_t old_len = 0, new_len = 0, len = 0;
	char *said = NULL;
	FILE *out = open_memstream(&said, &len);
	struct err e;

	(void)state;
	for (int i = 0; i < LINES; i++) {
		old_len += (size_t)sprintf(old + old_len, "a%d\n", i);
		new_len += (size_t)sprintf(new + new_len, "b%d\n", i);
	}
	assert_int_equal(textdiff((struct span){ old, old_len }, (struct span){ new, new_len }, out,
	                          false, &e),
	                 0);
	fclose(out);
	assert_ptr_equal(strstr(said, "@@ -1,3000 +1,3000 @@\n-a0\n-a1\n"), said);
	assert_int_equal(len, strlen("@@ -1,3000 +1,3000 @@\n") + old_len + new_len + 2 * LINES);
	free(said);
	free(old);
	free(new);
}

static void a_terminal_gets_no_control_characters(void **state)
{
	(void)state;
	assert_diff(span_of("a\n"), span_of("\033[2J\tb\n"), true, "@@ -1 +1 @@\n-a\n+?[2J\tb\n");
	assert_true(textdiff_is_binary((struct span){ "a\0b", 3 }));
	assert_false(textdiff_is_binary(span_of("text")));
	assert_false(textdiff_is_binary((struct span){ NULL, 0 }));
}

static void a_list_of_steps_comes_back_as_it_was_written(void **state)
{
	char path[] = "/tmp/slate-steps-XXXXXX", command[64];
	struct live_steps s = { 0 }, again = { 0 };
	struct err e;
	int root, stage;

	(void)state;
	assert_non_null(mkdtemp(path));
	root = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(live_steps_wait(root, &e), 0);
	assert_int_equal(mkdirat(root, LIVE_STAGE, 0700), 0);
	stage = openat(root, LIVE_STAGE, O_RDONLY | O_DIRECTORY);
	assert_int_equal(live_steps_read(&again, stage, &e), 0);
	assert_int_equal(live_steps_wait(root, &e), 0);
	for (int i = 0; i < 200; i++) {
		char name[32];

		snprintf(name, sizeof name, "etc/a name %d", i);
		assert_int_equal(live_steps_add(&s, (enum live_action)(LIVE_PUT + i % 5), i % 3 == 0, name, &e), 0);
	}
	assert_int_equal(live_steps_write(&s, stage, &e), 0);
	assert_int_equal(live_steps_wait(root, &e), 1);
	assert_int_equal(live_steps_read(&again, stage, &e), 1);
	assert_int_equal(again.n, s.n);
	for (size_t i = 0; i < s.n; i++) {
		assert_int_equal(again.at[i].action, s.at[i].action);
		assert_int_equal(again.at[i].had, s.at[i].had);
		assert_string_equal(again.at[i].path, s.at[i].path);
	}
	assert_int_equal(live_steps_finish(stage, &e), 0);
	assert_int_equal(live_steps_wait(root, &e), 0);
	live_steps_drop(&again);
	assert_int_equal(live_steps_read(&again, stage, &e), 0);
	live_steps_drop(&s);
	close(stage);
	close(root);
	snprintf(command, sizeof command, "rm -r %s", path);
	assert_int_equal(system(command), 0);
}

static void a_damaged_list_of_steps_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int result;
	} cases[] = {
		{ "p1etc/x", 8, 0 },       { "", 0, 0 },           { "p1etc/x", 7, -1 },
		{ "x1etc/x", 8, -1 },      { "?1etc/x", 8, -1 },   { "p2etc/x", 8, -1 },
		{ "p1/../etc/x", 12, -1 }, { "p1../x", 7, -1 },    { "p1", 3, -1 },
		{ "", 1, -1 },             { "p1a\0r0b\0", 8, 0 }, { "p1a\nb", 6, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct live_steps s = { 0 };
		struct err e = { 0 };

		print_message("  %zu\n", i);
		assert_int_equal(live_steps_decode(cases[i].bytes, cases[i].len, &s, &e),
		                 cases[i].result);
		live_steps_drop(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lines_that_differ_are_shown_with_three_around_them),
		cmocka_unit_test(texts_with_too_many_edits_are_replaced_as_a_whole),
		cmocka_unit_test(a_terminal_gets_no_control_characters),
		cmocka_unit_test(a_list_of_steps_comes_back_as_it_was_written),
		cmocka_unit_test(a_damaged_list_of_steps_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
