/* qr: codes on a screen. That a camera reads them is tests/boot/test_rescue.py's to say. */
#include "../../../init/boot/qr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* How many lines, and half blocks in each; -1: the lines differ, or a byte is no part of one. */
static int lines_in(const char *code, int *columns)
{
	int lines = 0;

	for (const char *at = code; *at; at++, lines++) {
		int n = 0;

		for (; *at != '\n'; n++)
			if (strncmp(at, "█", 3) == 0 || strncmp(at, "▀", 3) == 0 ||
			    strncmp(at, "▄", 3) == 0)
				at += 3;
			else if (*at++ != ' ')
				return -1;
		if (lines > 0 && n != *columns)
			return -1;
		*columns = n;
	}
	return lines;
}

/* `n` bytes of text, the last of them a part of "ä". */
static const char *text_of(size_t n)
{
	static char text[1000];

	memset(text, 'x', sizeof text);
	memcpy(text + n - 2, "ä", 3);
	return text;
}

static void a_code_is_no_larger_than_its_text_asks_for_nor_than_its_screen(void **state)
{
	static const struct {
		size_t len, rows, columns;
		int lines, side;
	} rows[] = {
		{ 17, 40, 80, 13, 25 },   /* version 1 */
		{ 32, 40, 80, 15, 29 },   /* 2 */
		{ 53, 40, 80, 17, 33 },   /* 3 */
		{ 520, 60, 100, 41, 81 }, /* 15 */
		{ 900, 60, 100, 41, 81 }, /* and no larger */
		{ 900, 20, 80, 19, 37 },  /* 4 is what 20 lines hold */
		{ 900, 40, 30, 15, 29 },  /* and 2, 30 columns */
		{ 900, 13, 80, 13, 25 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char *code = qr_draw(text_of(rows[i].len), rows[i].rows, rows[i].columns);
		int side = 0;

		assert_non_null(code);
		assert_int_equal(lines_in(code, &side), rows[i].lines);
		assert_int_equal(side, rows[i].side);
		free(code);
	}
}

static void a_text_is_cut_between_two_characters(void **state)
{
	/* 13 lines hold 17 bytes: of "…ä" at bytes 17 and 18 nothing stays */
	char *whole = qr_draw(text_of(18), 13, 80), *without = qr_draw("xxxxxxxxxxxxxxxx", 13, 80);

	(void)state;
	assert_string_equal(whole, without);
	free(whole);
	free(without);
}

static void where_no_code_fits_there_is_none(void **state)
{
	(void)state;
	assert_null(qr_draw("text", 12, 80));
	assert_null(qr_draw("text", 40, 24));
	assert_null(qr_draw("text", 0, 0));
	assert_null(qr_draw("text", 1, 3));
	assert_null(qr_draw("", 40, 80));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_is_no_larger_than_its_text_asks_for_nor_than_its_screen),
		cmocka_unit_test(a_text_is_cut_between_two_characters),
		cmocka_unit_test(where_no_code_fits_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
