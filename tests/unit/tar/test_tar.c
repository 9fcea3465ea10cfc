/* tar: headers, our own and foreign ones. */
#include "../../../overlay/tar/tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void sum(char block[TAR_BLOCK])
{
	unsigned total = 0;
	char text[8];

	memset(block + 148, ' ', 8);
	for (int i = 0; i < TAR_BLOCK; i++)
		total += (unsigned char)block[i];
	snprintf(text, sizeof text, "%06o", total);
	memcpy(block + 148, text, 7);
}

static void a_header_comes_back_as_it_was_written(void **state)
{
	struct tar_header h = { .type = TAR_FILE,
		                .name = "etc/hostname",
		                .mode = 0640,
		                .uid = 1000,
		                .gid = 2097151,
		                .mtime = 1795000000,
		                .size = 077777777777 };
	struct tar_header out;
	char block[TAR_BLOCK];
	struct err e;

	(void)state;
	tar_encode(&h, block);
	assert_int_equal(tar_decode(block, &out, &e), 1);
	assert_int_equal(out.type, h.type);
	assert_string_equal(out.name, h.name);
	assert_int_equal(out.mode, h.mode);
	assert_int_equal(out.uid, h.uid);
	assert_int_equal(out.gid, h.gid);
	assert_int_equal(out.mtime, h.mtime);
	assert_int_equal(out.size, h.size);
}

static void names_are_cut_in_two_where_a_slash_allows(void **state)
{
	static const struct {
		size_t first, second;
		int fits;
	} cases[] = {
		{ 100, 0, 1 },   { 101, 0, 0 }, { 155, 100, 1 }, { 156, 100, 0 },
		{ 155, 101, 0 }, { 1, 100, 1 }, { 5, 99, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tar_header h = { .type = TAR_FILE }, out;
		char name[300] = "", block[TAR_BLOCK];
		struct err e;

		memset(name, 'a', cases[i].first);
		if (cases[i].second)
			name[cases[i].first] = '/';
		memset(name + cases[i].first + (cases[i].second > 0), 'b', cases[i].second);
		assert_int_equal(tar_name_fits(name), cases[i].fits);
		if (!cases[i].fits)
			continue;
		snprintf(h.name, sizeof h.name, "%.256s", name);
		tar_encode(&h, block);
		assert_int_equal(tar_decode(block, &out, &e), 1);
		assert_string_equal(out.name, name);
	}
}

/* Bytes put over a good header, and what becomes of it. */
static void foreign_headers_are_read_or_refused(void **state)
{
	static const struct {
		const char *row;
		size_t at, len;
		const char *bytes;
		int result;
	} cases[] = {
		{ "as it is", 0, 0, "", 1 },
		{ "octal with blanks around", 124, 12, "      12 \0\0\0", 1 },
		{ "octal with a letter", 124, 12, "0000000001x\0", -1 },
		{ "an 8 in octal", 124, 12, "00000000018\0", -1 },
		{ "twelve sevens, no terminator", 124, 12, "777777777777", 1 },
		{ "base-256 size", 124, 12, "\x80\0\0\0\0\0\0\0\0\0\1\0", 1 },
		{ "base-256 size past 63 bits", 124, 12,
		  "\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", -1 },
		{ "base-256 size of 95 bits", 124, 12,
		  "\xbf\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", -1 },
		{ "negative size", 124, 12, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
		  -1 },
		{ "negative time", 136, 12, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 1 },
		{ "uid past 32 bits", 108, 8, "\x80\0\0\1\0\0\0\0", -1 },
		{ "uid -1", 108, 8, "\xff\xff\xff\xff\xff\xff\xff\xff", -1 },
		{ "GNU's magic", 257, 8, "ustar  \0", 1 },
		{ "no magic", 257, 8, "\0\0\0\0\0\0\0\0", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tar_header h = { .type = TAR_FILE, .name = "n" }, out;
		char block[TAR_BLOCK];
		struct err e = { 0 };

		tar_encode(&h, block);
		memcpy(block + cases[i].at, cases[i].bytes, cases[i].len);
		sum(block);
		print_message("  %s\n", cases[i].row);
		assert_int_equal(tar_decode(block, &out, &e), cases[i].result);
	}
}

static void a_wrong_checksum_is_refused_and_zeros_are_the_end(void **state)
{
	struct tar_header h = { .type = TAR_FILE, .name = "n" }, out;
	char block[TAR_BLOCK] = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(tar_decode(block, &out, &e), 0);
	tar_encode(&h, block);
	block[0]++;
	assert_int_equal(tar_decode(block, &out, &e), -1);
	assert_string_equal(e.text, "not a tar header (checksum does not match)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_was_written),
		cmocka_unit_test(names_are_cut_in_two_where_a_slash_allows),
		cmocka_unit_test(foreign_headers_are_read_or_refused),
		cmocka_unit_test(a_wrong_checksum_is_refused_and_zeros_are_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
