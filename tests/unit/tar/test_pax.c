/* pax: records of extended headers. */
#include "../../../overlay/tar/pax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void pax_records_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		int result;
	} cases[] = {
		{ "", 0, 0 },
		{ "11 path=xy\n", 11, 0 },
		{ "11 path=xy\n12 mtime=1.5\n", 23, -1 },
		{ "11 path=xy\n13 mtime=1.5\n", 24, 0 },
		{ "10 path=xy\n", 11, -1 },
		{ "12 path=xy\n", 11, -1 },
		{ "99999 path=xy\n", 14, -1 },
		{ "999999999999999999999 path=xy\n", 30, -1 },
		{ "-1 path=xy\n", 11, -1 },
		{ "0 path=xy\n", 10, -1 },
		{ "8 pathxy\n", 9, -1 },
		{ "6 =ab\n", 6, -1 },
		{ "8 path=\n", 8, -1 },
		{ "10 path=\0\n", 10, -1 },
		{ "9 size=1\n", 9, 0 },
		{ "10 size=-1\n", 11, -1 },
		{ "11 size=-1\n", 11, -1 },
		{ "28 size=9999999999999999999\n", 28, -1 },
		{ "17 uid=4294967295\n", 18, -1 },
		{ "18 uid=4294967295\n", 18, -1 },
		{ "18 uid=4294967294\n", 18, 0 },
		{ "11 mtime=x\n", 11, -1 },
		{ "22 GNU.sparse.major=1\n", 22, -1 },
		{ "17 unknown.key=1\n", 17, 0 },
		{ "12 unknown=\n", 12, 0 },
		{ "25 SCHILY.xattr.user.a=b\n", 25, 0 },
		{ "17 SCHILY.xattr.=b\n", 18, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pax *p = calloc(1, sizeof *p);
		struct err e = { 0 };

		print_message("  %s", cases[i].text);
		assert_int_equal(pax_decode((struct span){ cases[i].text, cases[i].len }, p, &e),
		                 cases[i].result);
		free(p);
	}
}

static void pax_times_before_1970_count_backwards(void **state)
{
	static const struct {
		const char *text;
		long long seconds;
		long nanoseconds;
	} cases[] = {
		{ "13 mtime=1.5\n", 1, 500000000 },
		{ "14 mtime=-1.5\n", -2, 500000000 },
		{ "12 mtime=-1\n", -1, 0 },
		{ "21 mtime=1.123456789\n", 1, 123456789 },
		{ "24 mtime=1.123456789999\n", 1, 123456789 },
		{ "15 mtime=-0.25\n", -1, 750000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pax *p = calloc(1, sizeof *p);
		struct err e = { 0 };

		assert_int_equal(pax_decode(span_of(cases[i].text), p, &e), 0);
		assert_int_equal(p->mtime.tv_sec, cases[i].seconds);
		assert_int_equal(p->mtime.tv_nsec, cases[i].nanoseconds);
		free(p);
	}
}

static void a_global_header_may_not_speak_of_members(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(pax_decode_global(span_of("16 comment=hello\n"), &e), -1);
	assert_int_equal(pax_decode_global(span_of("17 comment=hello\n"), &e), 0);
	assert_int_equal(pax_decode_global(span_of("11 path=xy\n"), &e), -1);
	assert_string_equal(e.text, "global pax header sets path");
}

static void the_length_of_a_record_counts_its_own_digits(void **state)
{
	char value[1200];

	(void)state;
	memset(value, 'v', sizeof value);
	for (size_t len = 0; len < sizeof value; len++) {
		struct pax_text text = { 0 };
		struct pax *p = calloc(1, sizeof *p);
		struct err e = { 0 };

		assert_int_equal(pax_add(&text, "SCHILY.xattr.user.k", value, len, &e), 0);
		assert_int_equal(pax_decode((struct span){ text.at, text.len }, p, &e), 0);
		assert_int_equal(p->n_xattrs, 1);
		assert_int_equal(p->xattrs[0].len, len);
		free(text.at);
		free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pax_records_are_read_or_refused),
		cmocka_unit_test(pax_times_before_1970_count_backwards),
		cmocka_unit_test(a_global_header_may_not_speak_of_members),
		cmocka_unit_test(the_length_of_a_record_counts_its_own_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
