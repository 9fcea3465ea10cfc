/* tar, pax, acl, and an archive written and read again. */
#include "../../../overlay/tar/acl.h"
#include "../../../overlay/tar/gzout.h"
#include "../../../overlay/tar/pack.h"
#include "../../../overlay/tar/pax.h"
#include "../../../overlay/tar/tar.h"
#include "../../../overlay/tar/tarin.h"
#include "../../../overlay/tar/tarout.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* --- tar headers --- */

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

/* --- pax records --- */

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

/* --- ACLs --- */

static void acls_come_back_as_they_were(void **state)
{
	static const char text[] = "user::rw-,user:1000:r--,user:4000000000:rwx,group::r-x,"
				   "group:7:---,mask::rwx,other::---";
	uint8_t bytes[ACL_BYTES_MAX];
	char again[ACL_TEXT_MAX];
	struct err e = { 0 };
	int len;

	(void)state;
	len = acl_from_text(span_of(text), bytes, &e);
	assert_int_equal(len, 4 + 7 * 8);
	assert_int_equal(acl_to_text(bytes, (size_t)len, again, &e), strlen(text));
	assert_string_equal(again, text);
}

static void foreign_acls_are_put_in_order_or_refused(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "other::r--\nuser::rw-\ngroup::r--\n", "user::rw-,group::r--,other::r--" },
		{ "user::rw-,group::r--,other::r--,user:bin:r--:2,mask::r--",
		  "user::rw-,user:2:r--,group::r--,mask::r--,other::r--" },
		{ "user::rw-,group::r--,other::r--,user:bin:r--", NULL },
		{ "user::rw-,group::r--", NULL },
		{ "user::rwz,group::r--,other::r--", NULL },
		{ "owner::rw-,group::r--,other::r--", NULL },
		{ "mask:1:rw-,user::rw-,group::r--,other::r--", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint8_t bytes[ACL_BYTES_MAX];
		char text[ACL_TEXT_MAX];
		struct err e = { 0 };
		int len = acl_from_text(span_of(cases[i].text), bytes, &e);

		assert_int_equal(len < 0, !cases[i].canonical);
		if (len < 0)
			continue;
		assert_true(acl_to_text(bytes, (size_t)len, text, &e) >= 0);
		assert_string_equal(text, cases[i].canonical);
	}
}

/* --- Whole archives --- */

static uint8_t acl_bytes[ACL_BYTES_MAX];
static char long_path[700], long_target[1500], binary[300];

static struct xattr xattr_list[] = {
	{ "system.posix_acl_access", acl_bytes, 28 },
	{ "user.binary", (uint8_t *)binary, sizeof binary },
	{ "user.empty", (uint8_t *)binary, 0 },
};

static const struct member members[] = {
	{ .type = MEMBER_DIRECTORY, .path = "etc", .mode = 01775, .mtime = { 1, 999999999 } },
	{ .type = MEMBER_FILE, .path = "etc/empty", .mode = 0644 },
	{ .type = MEMBER_FILE,
	  .path = "etc/file",
	  .mode = 0600,
	  .uid = 4000000000,
	  .gid = 3000000,
	  .size = 100000,
	  .mtime = { -5, 250000000 },
	  .xattrs = { 3, xattr_list } },
	{ .type = MEMBER_HARDLINK, .path = "etc/link", .target = "etc/file" },
	{ .type = MEMBER_SYMLINK, .path = "etc/sym", .target = long_target, .mode = 0777 },
	{ .type = MEMBER_DIRECTORY, .path = long_path, .mode = 0700 },
	{ .type = MEMBER_WHITEOUT, .path = "etc/gone", .mode = 0600 },
	{ .type = MEMBER_OPAQUE, .path = "etc/new", .mode = 0600 },
	{ .type = MEMBER_FILE, .path = "etc/\303\244 \377", .mode = 0644, .size = 512 },
};

enum { N_MEMBERS = sizeof members / sizeof *members };

static ssize_t give(void *ctx, void *buf, size_t len, struct err *e)
{
	uint64_t *at = ctx;

	(void)e;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = (uint8_t)((*at)++ % 251);
	return (ssize_t)len;
}

static int all_members(void *ctx, const struct sink *sink, struct err *e)
{
	(void)ctx;
	for (size_t i = 0; i < N_MEMBERS; i++) {
		uint64_t at = 0;
		const struct member_data data = { give, &at };

		if (sink->member(sink->ctx, &members[i], &data, e) < 0)
			return -1;
	}
	return 0;
}

static int to_file(void *ctx, const void *bytes, size_t len, struct err *e)
{
	(void)e;
	return write(*(int *)ctx, bytes, len) == (ssize_t)len ? 0 : -1;
}

static int compare_member(void *ctx, const struct member *m, const struct member_data *data,
                          struct err *e)
{
	size_t i = (*(size_t *)ctx)++;
	const struct member *want = &members[i];
	uint8_t buf[1000];
	uint64_t at = 0;
	ssize_t n;

	assert_true(i < N_MEMBERS);
	assert_int_equal(m->type, want->type);
	assert_string_equal(m->path, want->path);
	assert_string_equal(m->target ? m->target : "", want->target ? want->target : "");
	assert_int_equal(m->mode, want->mode);
	assert_int_equal(m->uid, want->uid);
	assert_int_equal(m->gid, want->gid);
	assert_int_equal(m->size, want->size);
	assert_int_equal(m->mtime.tv_sec, want->mtime.tv_sec);
	assert_int_equal(m->mtime.tv_nsec, want->mtime.tv_nsec);
	assert_int_equal(m->xattrs.n, want->xattrs.n);
	for (size_t x = 0; x < m->xattrs.n; x++) {
		assert_string_equal(m->xattrs.at[x].name, want->xattrs.at[x].name);
		assert_int_equal(m->xattrs.at[x].len, want->xattrs.at[x].len);
		assert_memory_equal(m->xattrs.at[x].value, want->xattrs.at[x].value,
		                    want->xattrs.at[x].len);
	}
	/* every second one is left for the reader to skip */
	while (i % 2 == 0 && (n = data->read(data->ctx, buf, sizeof buf, e)) > 0)
		for (ssize_t b = 0; b < n; b++)
			assert_int_equal(buf[b], at++ % 251);
	return 0;
}

static int write_archive(uint64_t *len)
{
	const struct pack_source source = { all_members, NULL };
	struct pack_result packed;
	struct err e = { 0 };
	int fd = memfd_create("archive", MFD_CLOEXEC);

	memset(long_path, 'p', sizeof long_path - 1);
	for (size_t i = 100; i < sizeof long_path - 1; i += 101)
		long_path[i] = '/';
	memset(long_target, 't', sizeof long_target - 1);
	memset(binary, 0, sizeof binary);
	binary[3] = '\n', binary[4] = '=';
	assert_int_equal(acl_from_text(span_of("user::rw-,group::r--,other::r--"), acl_bytes, &e),
	                 28);
	assert_int_equal(pack(&source, true, to_file, &fd, &packed, &e), 0);
	assert_int_equal(packed.members, N_MEMBERS);
	*len = packed.payload;
	return fd;
}

static void every_kind_of_member_survives_an_archive(void **state)
{
	size_t seen = 0;
	const struct sink sink = { compare_member, &seen };
	struct err e = { 0 };
	uint64_t len;
	int fd = write_archive(&len);

	(void)state;
	assert_int_equal(tarin_read(fd, len, &sink, &e), 0);
	assert_int_equal(seen, N_MEMBERS);
	close(fd);
}

static int ignore(void *ctx, const struct member *m, const struct member_data *data, struct err *e)
{
	(void)ctx, (void)m, (void)data, (void)e;
	return 0;
}

static void an_archive_cut_anywhere_is_refused(void **state)
{
	const struct sink sink = { ignore, NULL };
	uint64_t len;
	int fd = write_archive(&len);

	(void)state;
	for (uint64_t cut = 0; cut < len; cut++) {
		struct err e = { 0 };

		assert_int_equal(tarin_read(fd, cut, &sink, &e), -1);
		assert_true(e.text[0]);
	}
	close(fd);
}

/* A bit that only chooses another copy of the same bytes changes nothing. */
static void a_flipped_bit_is_noticed_or_changes_nothing(void **state)
{
	const struct sink sink = { ignore, NULL };
	uint64_t len, noticed = 0;
	int fd = write_archive(&len);

	(void)state;
	for (uint64_t at = 10; at < len; at++) {
		size_t seen = 0;
		const struct sink compare = { compare_member, &seen };
		struct err e = { 0 };
		uint8_t byte;

		assert_int_equal(pread(fd, &byte, 1, (off_t)at), 1);
		byte ^= 16;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
		if (tarin_read(fd, len, &sink, &e) < 0)
			noticed++;
		else
			assert_int_equal(tarin_read(fd, len, &compare, &e), 0);
		byte ^= 16;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)at), 1);
	}
	assert_true(noticed > len / 2);
	close(fd);
}

static void zeros_after_the_end_are_padding_and_anything_else_is_not(void **state)
{
	const struct sink sink = { ignore, NULL };
	static const uint8_t zeros[100000];
	struct err e = { 0 };
	uint64_t len;
	int fd = write_archive(&len);

	(void)state;
	assert_int_equal(pwrite(fd, zeros, sizeof zeros, (off_t)len), sizeof zeros);
	assert_int_equal(tarin_read(fd, len + sizeof zeros, &sink, &e), 0);
	assert_int_equal(pwrite(fd, "x", 1, (off_t)len + 50000), 1);
	assert_int_equal(tarin_read(fd, len + sizeof zeros, &sink, &e), -1);
	assert_string_equal(e.text, "bytes after the end of the archive");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_comes_back_as_it_was_written),
		cmocka_unit_test(names_are_cut_in_two_where_a_slash_allows),
		cmocka_unit_test(foreign_headers_are_read_or_refused),
		cmocka_unit_test(a_wrong_checksum_is_refused_and_zeros_are_the_end),
		cmocka_unit_test(pax_records_are_read_or_refused),
		cmocka_unit_test(pax_times_before_1970_count_backwards),
		cmocka_unit_test(a_global_header_may_not_speak_of_members),
		cmocka_unit_test(the_length_of_a_record_counts_its_own_digits),
		cmocka_unit_test(acls_come_back_as_they_were),
		cmocka_unit_test(foreign_acls_are_put_in_order_or_refused),
		cmocka_unit_test(every_kind_of_member_survives_an_archive),
		cmocka_unit_test(an_archive_cut_anywhere_is_refused),
		cmocka_unit_test(a_flipped_bit_is_noticed_or_changes_nothing),
		cmocka_unit_test(zeros_after_the_end_are_padding_and_anything_else_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
