/* err, span and keytab: the text that everything else is made of. */
#include "../../../init/base/err.h"
#include "../../../init/base/keytab.h"
#include "../../../init/base/report.h"
#include "../../../init/base/span.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void an_error_names_the_call_and_gains_context_in_front(void **state)
{
	struct err e = { 0 };

	(void)state;
	errno = ENODEV;
	assert_int_equal(err_sys(&e, "mount %s on %s", "/dev/sda2", "/sysroot"), -1);
	assert_int_equal(e.code, ENODEV);
	assert_int_equal(err_wrap(&e, "root"), -1);
	assert_string_equal(e.text, "root: mount /dev/sda2 on /sysroot: No such device");
}

static void a_long_error_is_cut_and_terminated(void **state)
{
	char big[2000];
	struct err e = { 0 };

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	err_say(&e, "%s", big);
	err_wrap(&e, "%s", big);
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
}

static void a_long_name_leaves_room_for_the_reason_and_for_what_is_safe(void **state)
{
	char path[2000];
	struct err e = { 0 };

	(void)state;
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	err_say(&e, "etc/%s: too long", path);
	assert_int_equal(strncmp(e.text, "etc/xxx", 7), 0);
	assert_non_null(strstr(e.text, "x...x"));
	assert_string_equal(e.text + sizeof e.text - 11, ": too long");
	err_safe(&e, "nothing was changed");
	assert_int_equal(strlen(e.text), sizeof e.text - 1);
	assert_non_null(strstr(e.text, "; nothing was changed"));
	errno = EIO;
	err_sys(&e, "read");
	err_safe(&e, "it is intact");
	assert_string_equal(e.text, "read: Input/output error; it is intact");
}

static void words_and_lines_come_off_the_front(void **state)
{
	struct span text = span_of("  one two\t"), word;

	(void)state;
	assert_true(span_word(&text, " \t", &word) && span_is(word, "one"));
	assert_true(span_word(&text, " \t", &word) && span_is(word, "two"));
	assert_false(span_word(&text, " \t", &word));

	text = span_of("a\n\nlast");
	assert_true(span_line(&text, &word) && span_is(word, "a"));
	assert_true(span_line(&text, &word) && word.len == 0);
	assert_true(span_line(&text, &word) && span_is(word, "last"));
	assert_false(span_line(&text, &word));
}

static void values_are_found_by_their_whole_name(void **state)
{
	struct span reply = span_of("unit=a.service\nsub=run=ning\nempty=\n");

	(void)state;
	assert_true(span_is(span_value(reply, "sub"), "run=ning"));
	assert_true(span_is(span_value(reply, "empty"), ""));
	assert_non_null(span_value(reply, "empty").at);
	assert_null(span_value(reply, "un").at);
	assert_null(span_value((struct span){ NULL, 0 }, "unit").at);
}

static void a_copy_that_does_not_fit_or_holds_a_nul_is_refused(void **state)
{
	char into[4] = "old";

	(void)state;
	assert_false(span_copy(span_of("long"), into, sizeof into));
	assert_false(span_copy((struct span){ "a\0b", 3 }, into, sizeof into));
	assert_string_equal(into, "old");
	assert_true(span_copy(span_of("new"), into, sizeof into));
	assert_string_equal(into, "new");
}

static void parts_are_joined_whole_or_not_at_all(void **state)
{
	const struct span parts[] = { { "a", 1 }, { NULL, 0 }, { "bcd", 2 } };
	char into[4];

	(void)state;
	assert_true(span_join(parts, 3, into, sizeof into));
	assert_string_equal(into, "abc");
	assert_false(span_join(parts, 3, into, 3));
	assert_true(span_join(parts, 0, into, 1));
	assert_string_equal(into, "");
}

static void a_text_is_compared_to_its_end(void **state)
{
	(void)state;
	assert_true(span_is(span_of("wants"), "wants"));
	assert_false(span_is(span_of("wants"), "want"));
	assert_false(span_is(span_of("want"), "wants"));
	assert_false(span_is((struct span){ "a\0b", 3 }, "a"));
	assert_true(span_is((struct span){ NULL, 0 }, ""));
	assert_true(span_starts(span_of("wants"), "want"));
	assert_true(span_starts(span_of("wants"), ""));
	assert_false(span_starts(span_of("want"), "wants"));
	assert_false(span_starts((struct span){ NULL, 0 }, "w"));
}

static void numbers_are_decimal_and_bounded(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int ok;
		uint64_t value;
	} rows[] = {
		{ "0", 10, 1, 0 },        { "10", 10, 1, 10 },  { "11", 10, 0, 0 },
		{ "", 10, 0, 0 },         { "-1", 10, 0, 0 },   { "1x", 100, 0, 0 },
		{ "007", 10, 1, 7 },      { "9", 5, 0, 0 },     { "18446744073709551615", UINT64_MAX, 1, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t n = 0;

		if (span_uint(span_of(rows[i].text), rows[i].max, &n) != rows[i].ok)
			fail_msg("row %s", rows[i].text);
		assert_int_equal(n, rows[i].value);
	}
}

static const char *const colours[] = { "", "red", "green", NULL };

struct filled {
	char text[4];
	uint64_t number;
	bool flag;
	int choice;
};

static const struct key keys[] = {
	KEY_TEXT("text", struct filled, text),
	KEY_UINT("number", struct filled, number, 2, 9),
	KEY_FLAG("flag", struct filled, flag),
	KEY_CHOICE("colour", struct filled, choice, colours, NULL),
};

static int set(struct filled *f, const char *name, const char *value, struct err *e)
{
	struct span v = value ? span_of(value) : (struct span){ NULL, 0 };

	return keytab_set(keys, sizeof keys / sizeof *keys, span_of(name), v, f, e);
}

static void a_row_fills_its_member_and_only_that(void **state)
{
	struct filled f = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(set(&f, "text", "abc", &e), 1);
	assert_int_equal(set(&f, "number", "9", &e), 1);
	assert_int_equal(set(&f, "flag", NULL, &e), 1);
	assert_int_equal(set(&f, "colour", "green", &e), 1);
	assert_int_equal(set(&f, "other", "x", &e), 0);
	assert_string_equal(f.text, "abc");
	assert_int_equal(f.number, 9);
	assert_true(f.flag);
	assert_int_equal(f.choice, 2);
	assert_string_equal(e.text, "");
}

static void a_bad_value_says_how_and_changes_nothing(void **state)
{
	static const struct {
		const char *name, *value, *error;
	} rows[] = {
		{ "text", "abcd", "text: longer than 3 characters" },
		{ "text", NULL, "text: needs a value" },
		{ "number", "1", "number: not a number from 2 to 9: 1" },
		{ "number", "ten", "number: not a number from 2 to 9: ten" },
		{ "flag", "maybe", "flag: neither yes nor no: maybe" },
		{ "colour", "blue", "colour: not one of red, green: blue" },
		{ "colour", "", "colour: not one of red, green: " },
	};
	struct filled f = { "old", 5, true, 1 }, was = f;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e = { 0 };

		assert_int_equal(set(&f, rows[i].name, rows[i].value, &e), -1);
		assert_string_equal(e.text, rows[i].error);
		assert_memory_equal(&f, &was, sizeof f);
	}
}

static void a_message_can_not_steer_the_terminal(void **state)
{
	char text[] = "a\x1b[2Jb\nc\x9b";

	(void)state;
	report_clean(text);
	assert_string_equal(text, "a?[2Jb?c?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_names_the_call_and_gains_context_in_front),
		cmocka_unit_test(a_long_error_is_cut_and_terminated),
		cmocka_unit_test(a_long_name_leaves_room_for_the_reason_and_for_what_is_safe),
		cmocka_unit_test(words_and_lines_come_off_the_front),
		cmocka_unit_test(values_are_found_by_their_whole_name),
		cmocka_unit_test(a_copy_that_does_not_fit_or_holds_a_nul_is_refused),
		cmocka_unit_test(parts_are_joined_whole_or_not_at_all),
		cmocka_unit_test(a_text_is_compared_to_its_end),
		cmocka_unit_test(numbers_are_decimal_and_bounded),
		cmocka_unit_test(a_row_fills_its_member_and_only_that),
		cmocka_unit_test(a_bad_value_says_how_and_changes_nothing),
		cmocka_unit_test(a_message_can_not_steer_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
