/* Any bytes as an archive: after a first byte of 0 as a gzip file, after any other
 * as tar inside of one, so that its checksum stands in nobody's way. Whatever is
 * let through has a path that stays in the root, and is compared with itself
 * after it was written and read again.
 *
 * max_len: 3072 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "../../overlay/changes/manifest.h"
#include "../../overlay/tar/check.h"
#include "../../overlay/tar/pack.h"
#include "../../overlay/tar/tarin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *path)
{
	if (path[0] == '/' || strlen(path) >= MEMBER_PATH_MAX || strstr(path, "//"))
		abort();
	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, "../", 3) == 0 || strcmp(at, "..") == 0 || strcmp(at, ".") == 0)
			abort();
	}
}

struct reading {
	struct check check;
	struct manifest manifest;
};

static int take(void *ctx, const struct member *m, const struct member_data *data, struct err *e)
{
	struct reading *r = ctx;

	if (check_next(&r->check, m, e) < 0)
		return -1;
	check_path(m->path);
	if (m->type == MEMBER_HARDLINK)
		check_path(m->target);
	/* a manifest reads the data: large ones take their time */
	return m->size > 1 << 20 ? 0 : manifest_member(&r->manifest, m, data, e);
}

static int wrap(int fd, const uint8_t *data, size_t size)
{
	uint8_t *out = malloc(size + 1000);
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)data,
		       .avail_in = (unsigned)size,
		       .next_out = out,
		       .avail_out = (unsigned)size + 1000 };
	int len = -1;

	/* the least memory: to be had thousands of times a second */
	if (out && deflateInit2(&z, 0, Z_DEFLATED, 9 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK) {
		deflate(&z, Z_FINISH);
		len = (int)z.total_out;
		deflateEnd(&z);
		if (write(fd, out, (size_t)len) != len)
			len = -1;
	}
	free(out);
	return len;
}

struct source {
	int fd;
	uint64_t len;
};

static int each(void *ctx, const struct sink *sink, struct err *e)
{
	const struct source *s = ctx;

	return tarin_read(s->fd, s->len, sink, e);
}

static int to_fd(void *ctx, const void *bytes, size_t len, struct err *e)
{
	(void)e;
	return write(*(int *)ctx, bytes, len) == (ssize_t)len ? 0 : -1;
}

static void drop(struct reading *r)
{
	check_drop(&r->check);
	manifest_drop(&r->manifest);
}

/* What slate writes of what it read, it reads as the same. */
static void check_again(struct source *from, struct reading *first)
{
	int fd = memfd_create("again", 0);
	const struct pack_source source = { each, from };
	struct reading again = { .check = { .pristine = first->check.pristine } };
	const struct sink sink = { take, &again };
	struct pack_result packed;
	struct err e = { 0 };

	if (pack(&source, true, to_fd, &fd, &packed, &e) < 0 ||
	    tarin_read(fd, packed.payload, &sink, &e) < 0)
		abort();
	if (again.manifest.n != first->manifest.n)
		abort();
	for (size_t i = 0; i < again.manifest.n; i++)
		if (strcmp(again.manifest.at[i].path, first->manifest.at[i].path) != 0 ||
		    memcmp(&again.manifest.at[i].print, &first->manifest.at[i].print,
		           sizeof(struct print)) != 0)
			abort();
	drop(&again);
	close(fd);
}

/* A root that has a setuid file of its own, etc/su. */
static int image(void)
{
	static int root = -1;
	char name[] = "/tmp/fuzz-archive-XXXXXX";

	if (root >= 0)
		return root;
	if (!mkdtemp(name) || (root = open(name, O_RDONLY | O_DIRECTORY)) < 0 ||
	    mkdirat(root, "etc", 0755) < 0)
		abort();
	close(openat(root, "etc/su", O_WRONLY | O_CREAT, 0600));
	if (fchmodat(root, "etc/su", 04755, 0) < 0)
		abort();
	return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reading r = { .check = { .pristine = image() } };
	const struct sink sink = { take, &r };
	struct source source = { memfd_create("archive", 0), 0 };
	struct err e = { 0 };
	int len = (int)size - 1;

	if (size > 0 && data[0] == 0)
		len = write(source.fd, data + 1, size - 1) == (ssize_t)size - 1 ? (int)size - 1
		                                                                : -1;
	else if (size > 0)
		len = wrap(source.fd, data + 1, size - 1);
	if (len >= 0) {
		source.len = (uint64_t)len;
		if (tarin_read(source.fd, source.len, &sink, &e) == 0)
			check_again(&source, &r);
		else if (!e.text[0])
			abort();
	}
	drop(&r);
	close(source.fd);
	return 0;
}
