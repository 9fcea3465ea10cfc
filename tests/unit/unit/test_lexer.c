/* Words, lines, names, specifiers: text before it means anything. */
#include "../../../init/unit/name.h"
#include "../../../init/unit/specifier.h"
#include "../../../init/unit/unitfile.h"
#include "../../../init/unit/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text, *words; /* joined by |; NULL: refused */
	enum word_escapes escapes;
} rows[] = {
	{ "a b  c", "a|b|c", WORD_C_ESCAPES },
	{ "  \"a b\" 'c d' ", "a b|c d", WORD_C_ESCAPES },
	{ "a\"b c\"d", "ab cd", WORD_C_ESCAPES },
	{ "\"\" x", "|x", WORD_C_ESCAPES },
	{ "\"it's\" 'say \"x\"'", "it's|say \"x\"", WORD_C_ESCAPES },
	{ "a\\tb \\x41\\101\\u00e9", "a\tb|AA\xc3\xa9", WORD_C_ESCAPES },
	{ "\\U0001F600", "\xf0\x9f\x98\x80", WORD_C_ESCAPES },
	{ "a\\sb", "a b", WORD_C_ESCAPES },
	{ "\\d+ \\$x", "\\d+|\\$x", WORD_C_ESCAPES },
	{ "dev-sda\\x2d1.device", "dev-sda\\x2d1.device", WORD_RAW_ESCAPES },
	{ "\"open", NULL, WORD_C_ESCAPES },
	{ "end\\", NULL, WORD_C_ESCAPES },
	{ "", "", WORD_C_ESCAPES },
	{ "\\x00", "\\x00", WORD_C_ESCAPES },
};

static void words_are_split_as_documented(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct words w = { .left = span_of(rows[i].text), .escapes = rows[i].escapes };
		char word[64], joined[256] = "";
		struct err e = { 0 };
		size_t len, n = 0;
		int got;

		while ((got = words_next(&w, word, sizeof word, &len, &e)) > 0) {
			assert_int_equal(strlen(word), len);
			if (n++)
				strcat(joined, "|");
			strcat(joined, word);
		}
		if ((got < 0) != (rows[i].words == NULL) || (got == 0 && strcmp(joined, rows[i].words)))
			fail_msg("%s: %d %s %s", rows[i].text, got, joined, e.text);
	}
}

static void a_word_that_does_not_fit_is_refused(void **state)
{
	struct words w = { .left = span_of("12345678") };
	char word[8];
	struct err e;
	size_t len;

	(void)state;
	assert_int_equal(words_next(&w, word, sizeof word, &len, &e), -1);
}

/* "line section name=value" of each assignment, "line !error" of each refusal. */
static void list(const char *text, char *out, size_t size)
{
	static char joined[UNITFILE_VALUE_MAX];
	struct unitfile f;
	struct unitfile_line line;
	struct err e;
	int got;

	out[0] = '\0';
	unitfile_open(&f, span_of(text), joined);
	while ((got = unitfile_next(&f, &line, &e)) != 0) {
		size_t used = strlen(out);

		if (got < 0)
			snprintf(out + used, size - used, "%u !%s\n", line.line, e.text);
		else
			snprintf(out + used, size - used, "%u %.*s %.*s=%.*s\n", line.line,
			         SPAN_ARGS(line.section), SPAN_ARGS(line.name), SPAN_ARGS(line.value));
	}
}

static const struct {
	const char *text, *lines;
} files[] = {
	{ "[Unit]\nA=1\n", "2 Unit A=1\n" },
	{ "\xef\xbb\xbf[Unit]\r\nA = 1 \r\n", "2 Unit A=1\n" },
	{ "# c\n; c\n[S]\n  A=x=y\n\nB=", "4 S A=x=y\n6 S B=\n" },
	{ "[S]\nA=1 \\\n  2 \\\n  3\nB=4\n", "2 S A=1    2    3\n5 S B=4\n" },
	{ "[S]\nA=1 \\\n# between\n; too\n 2\n", "2 S A=1   2\n" },
	{ "[S]\nA=1 \\\\\nB=2\n", "2 S A=1 \\\\\n3 S B=2\n" },
	{ "[S]\nA=1 \\", "2 S A=1\n" },
	{ "A=1\n", "1 !syntax error: A= outside of a section\n" },
	{ "[S\nA=1\n[T]\nB=2\n", "1 !syntax error: a section without its ]\n"
	                         "2 !syntax error: A= outside of a section\n4 T B=2\n" },
	{ "[S]\nnonsense\n=x\nA=1\n", "2 !syntax error: neither a section nor NAME=VALUE\n"
	                              "3 !syntax error: no name in front of =\n4 S A=1\n" },
	{ "", "" },
};

static void lines_become_assignments(void **state)
{
	char out[1024];

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		list(files[i].text, out, sizeof out);
		assert_string_equal(out, files[i].lines);
	}
}

static void names_have_parts(void **state)
{
	struct name_parts p;
	char buf[UNIT_NAME_SIZE];

	(void)state;
	assert_true(name_parse(span_of("getty@tty1.service"), &p));
	assert_true(span_is(p.prefix, "getty") && span_is(p.instance, "tty1"));
	assert_true(name_is_instance(&p) && p.type == UNIT_SERVICE);
	assert_true(name_template(&p, buf, sizeof buf));
	assert_string_equal(buf, "getty@.service");
	assert_true(name_parse(span_of("getty@.service"), &p) && name_is_template(&p));
	assert_true(name_parse(span_of("dev-sda\\x2d1.mount"), &p) && p.type == UNIT_MOUNT);
	assert_true(name_instance(span_of("a@.service"), span_of("b"), buf, sizeof buf));
	assert_string_equal(buf, "a@b.service");
	static const char *const bad[] = { "", "x", ".service", "@.service", "a.b", "a/b.service",
		                           "a b.service", "x.services" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(name_parse(span_of(bad[i]), &p));
}

static void paths_are_escaped_and_back(void **state)
{
	char buf[64];

	(void)state;
	assert_true(name_escape_path(span_of("/dev//sda-1/"), buf, sizeof buf));
	assert_string_equal(buf, "dev-sda\\x2d1");
	assert_true(name_unescape(span_of(buf), buf, sizeof buf));
	assert_string_equal(buf, "dev/sda-1");
	assert_true(name_escape_path(span_of("/"), buf, sizeof buf));
	assert_string_equal(buf, "-");
	assert_true(name_escape_path(span_of("/.x"), buf, sizeof buf));
	assert_string_equal(buf, "\\x2ex");
	assert_false(name_escape_path(span_of("/aaaaaaaa"), buf, 8));
	assert_false(name_unescape(span_of("aaaa"), buf, 4));
}

static const struct {
	const char *name, *text, *result; /* NULL: refused */
} specifiers[] = {
	{ "foo-bar@a\\x2db-c.service", "%n", "foo-bar@a\\x2db-c.service" },
	{ "foo-bar@a\\x2db-c.service", "%N|%p|%P", "foo-bar@a\\x2db-c|foo-bar|foo/bar" },
	{ "foo-bar@a\\x2db-c.service", "%i|%I|%f", "a\\x2db-c|a-b/c|/a-b/c" },
	{ "foo-bar@x.service", "%j|%J", "bar|bar" },
	{ "foo.service", "%i|%p|%f", "|foo|/foo" },
	{ "foo.service", "%t %S %C %L %E %T %V", "/run /var/lib /var/cache /var/log /etc /tmp /var/tmp" },
	{ "foo.service", "%u %U %g %G %h %s", "root 0 root 0 /root /bin/sh" },
	{ "foo.service", "100%% sure %", "100% sure %" },
	{ "foo.service", "% x", "% x" },
	{ "foo.service", "%y|%Y", "/lib/x/foo.service|/lib/x" },
	{ "foo.service", "%z", NULL },
};

static void specifiers_are_filled_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof specifiers / sizeof *specifiers; i++) {
		struct machine m = { .root = -1 };
		char buf[128];
		struct err e;
		int got = specifier_expand(&m, specifiers[i].name, "/lib/x/foo.service",
		                           span_of(specifiers[i].text), buf, sizeof buf, &e);

		assert_int_equal(got, specifiers[i].result ? 0 : -1);
		if (got == 0)
			assert_string_equal(buf, specifiers[i].result);
	}
}

static void specifiers_never_overrun(void **state)
{
	struct machine m = { .root = -1 };
	struct err e;

	(void)state;
	for (size_t size = 1; size < 24; size++) {
		char buf[24];

		memset(buf, 'x', sizeof buf);
		specifier_expand(&m, "a@b.service", NULL, span_of("%n%i%I%f%p%t12"), buf, size, &e);
		for (size_t i = size; i < sizeof buf; i++)
			assert_int_equal(buf[i], 'x');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_as_documented),
		cmocka_unit_test(a_word_that_does_not_fit_is_refused),
		cmocka_unit_test(lines_become_assignments),
		cmocka_unit_test(names_have_parts),
		cmocka_unit_test(paths_are_escaped_and_back),
		cmocka_unit_test(specifiers_are_filled_in),
		cmocka_unit_test(specifiers_never_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
