/* $VARIABLES in command lines, and environment files. */
#include "../../../init/unit/expand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static char *env[] = { (char[]){ "ONE=1" }, (char[]){ "TWO=a b" }, (char[]){ "EMPTY=" },
	               (char[]){ "QUOTED='x y' z" }, NULL };

static const struct {
	const char *word, *result; /* joined by | */
} rows[] = {
	{ "plain", "plain" }, { "$ONE", "1" }, { "${ONE}", "1" }, { "$TWO", "a|b" },
	{ "${TWO}", "a b" }, { "x${ONE}y${TWO}", "x1ya b" }, { "x$ONE", "x$ONE" }, { "$EMPTY", "" },
	{ "${EMPTY}", "" }, { "$NONE", "" }, { "a${NONE}b", "ab" }, { "$$ONE", "$ONE" },
	{ "cost: 5$", "cost: 5$" }, { "${", "${" }, { "${1}", "${1}" }, { "$QUOTED", "x y|z" },
	{ "${QUOTED}", "'x y' z" }, { "$ONE/", "$ONE/" }, { "a$$b", "a$b" },
};

static void variables_are_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *argv[] = { "/bin/x", rows[i].word, NULL };
		struct exec_command c = { "/bin/x", argv, 2, 0 };
		const char *words[8];
		char buf[128], joined[128] = "";
		struct err e;
		int n = expand_command(&c, env, words, 8, buf, sizeof buf, &e);

		assert_true(n >= 1);
		assert_null(words[n]);
		for (int k = 1; k < n; k++) {
			strcat(joined, k > 1 ? "|" : "");
			strcat(joined, words[k]);
		}
		if (strcmp(joined, rows[i].result) != 0)
			fail_msg("%s: %s", rows[i].word, joined);
	}
}

static void a_colon_leaves_them_alone(void **state)
{
	const char *argv[] = { "/bin/x", "$ONE", NULL };
	struct exec_command c = { "/bin/x", argv, 2, EXEC_NO_EXPAND };
	const char *words[8];
	char buf[64];
	struct err e;

	(void)state;
	assert_int_equal(expand_command(&c, env, words, 8, buf, sizeof buf, &e), 2);
	assert_string_equal(words[1], "$ONE");
}

static void what_does_not_fit_is_refused(void **state)
{
	const char *argv[] = { "/bin/x", "$TWO", "${TWO}", NULL };
	struct exec_command c = { "/bin/x", argv, 3, 0 };
	const char *words[8];
	struct err e;

	(void)state;
	for (size_t size = 0; size < 15; size++) {
		char buf[16];

		memset(buf, '#', sizeof buf);
		assert_int_equal(expand_command(&c, env, words, 8, buf, size, &e), -1);
		assert_int_equal(buf[size], '#');
	}
	for (size_t max = 1; max < 5; max++) {
		char buf[64];

		assert_int_equal(expand_command(&c, env, words, max, buf, sizeof buf, &e), -1);
	}
}

static const struct {
	const char *text, *result; /* NAME=value; each followed by | */
} files[] = {
	{ "A=1\nB=2\n", "A=1|B=2|" },
	{ "# c\n; c\n\n  A = 1 2 \n", "A=1 2|" },
	{ "A=\"x y\" B\n", "A=x y B|" },
	{ "A='$x \"y\"'\n", "A=$x \"y\"|" },
	{ "A=\"a\\\"b\\\\c\\d\"\n", "A=a\"b\\c\\d|" },
	{ "A=one\\\ntwo\nB=3", "A=onetwo|B=3|" },
	{ "A=\"two\nlines\"\n", "A=two\nlines|" },
	{ "1A=x\nexport B=2\nC=3\n", "C=3|" },
	{ "nothing\nA=1\n", "A=1|" },
	{ "A=\nB=''\n", "A=|B=|" },
	{ "A=x#y\n", "A=x#y|" },
	{ "A=\"open", "A=open|" },
	{ "A=1\r\nB=2\r\n", "A=1|B=2|" },
	{ "", "" },
};

static int collect(void *ctx, const char *name, const char *value)
{
	char *out = ctx;

	snprintf(out + strlen(out), 256 - strlen(out), "%s=%s|", name, value);
	return 0;
}

static void environment_files_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char out[256] = "";
		struct err e;

		assert_int_equal(expand_env_file(span_of(files[i].text), collect, out, &e), 0);
		assert_string_equal(out, files[i].result);
	}
}

static int no_room(void *ctx, const char *name, const char *value)
{
	(void)ctx, (void)name, (void)value;
	return -1;
}

static void a_full_environment_is_an_error(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(expand_env_file(span_of("A=1\n"), no_room, NULL, &e), -1);
	assert_string_equal(e.text, "no room for A");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_replaced),
		cmocka_unit_test(a_colon_leaves_them_alone),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(environment_files_are_read),
		cmocka_unit_test(a_full_environment_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
