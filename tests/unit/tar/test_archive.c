/* pack, tarout, tarin: an archive written and read again, whole or damaged. */
#include "../../../overlay/tar/acl.h"
#include "../../../overlay/tar/pack.h"
#include "../../../overlay/tar/tarin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

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
		cmocka_unit_test(every_kind_of_member_survives_an_archive),
		cmocka_unit_test(an_archive_cut_anywhere_is_refused),
		cmocka_unit_test(a_flipped_bit_is_noticed_or_changes_nothing),
		cmocka_unit_test(zeros_after_the_end_are_padding_and_anything_else_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
