/* saved: generations on a medium that is a plain directory, and a boot that restores one.
 *
 * Each generation holds one file, whose text says which it is. A test starts with an
 * empty medium and a pristine root; all is below the working directory.  */
#ifndef RESTORE_SAVED_H
#define RESTORE_SAVED_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"
#include "../../../overlay/restore/restore.h"
#include "../../../overlay/save/commit.h"

static char base[] = "/tmp/slate-restore-XXXXXX";

static inline void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static inline int start(void **state)
{
	(void)state;
	return mkdtemp(base) && chdir(base) == 0 ? 0 : -1;
}

static inline int stop(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", base);
	return chdir("/") < 0 || system(command);
}

static inline int clean(void **state)
{
	(void)state;
	return system("rm -rf trial medium root pristine; mkdir medium pristine pristine/etc && "
	              "echo image >pristine/etc/name");
}

/* --- Saving: one file whose text says which generation it is --- */

struct text {
	const char *path, *bytes;
	size_t len, at;
	uint32_t mode;
};

static inline ssize_t give(void *ctx, void *buf, size_t len, struct err *e)
{
	struct text *t = ctx;
	size_t n = len < t->len - t->at ? len : t->len - t->at;

	(void)e;
	memcpy(buf, t->bytes + t->at, n);
	t->at += n;
	return (ssize_t)n;
}

static inline int one_file(void *ctx, const struct sink *sink, struct err *e)
{
	struct text *t = ctx;
	const struct member_data data = { give, t };
	const struct member m = { .type = MEMBER_FILE,
		                  .path = t->path,
		                  .size = t->len,
		                  .mode = t->mode ? t->mode : 0644,
		                  .uid = getuid(),
		                  .gid = getgid() };

	t->at = 0;
	return sink->member(sink->ctx, &m, &data, e);
}

static inline struct layer test_layer(void)
{
	return (struct layer){ .medium = "medium",
		               .upper = "-",
		               .pristine = "pristine",
		               .root = "-",
		               .lock = "lock",
		               .restored = "-",
		               .trial = "trial",
		               .name = "default",
		               .medium_fd = -1,
		               .upper_fd = -1,
		               .pristine_fd = -1,
		               .root_fd = -1 };
}

static inline int save_text(struct text text, const struct commit_options *o,
                            struct commit_result *out, struct err *e)
{
	struct layer l = test_layer();
	const struct pack_source source = { one_file, &text };
	int result = layer_open(&l, e);

	if (result == 0)
		result = commit(&l, &source, o, out, e);
	layer_close(&l);
	return result;
}

static inline int save_bytes(const char *path, const char *bytes, size_t len, uint32_t mode,
                             struct commit_result *out, struct err *e)
{
	const struct commit_options o = { 0 };

	return save_text((struct text){ path, bytes, len, 0, mode }, &o, out, e);
}

static inline struct commit_result save(const char *text)
{
	struct commit_result out;
	struct err e = { 0 };

	assert_int_equal(save_bytes("etc/name", text, strlen(text), 0, &out, &e), 0);
	return out;
}

static inline void flip(int number, off_t at)
{
	char path[100];
	uint8_t byte;

	snprintf(path, sizeof path, "medium/slate/saved/default/slot-%d.apkovl.tar.gz", number);

	FD_AUTO fd = open(path, O_RDWR);

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* --- Restoring --- */

static char told[2000];

static inline int fresh_root(void *ctx, struct err *e)
{
	static int root = -1;

	(void)ctx, (void)e;
	fd_drop(&root);
	shell("rm -rf root; cp -a pristine root");
	return root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static inline void degraded(void *ctx, const char *text)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof told - len, "%s\n", text);
}

static bool may_write = true;
static int writable_calls;

static inline int set_writable(void *ctx, bool writable, struct err *e)
{
	(void)ctx;
	writable_calls += writable ? 1 : -1;
	return may_write ? 0 : err_say(e, "write-protected");
}

static inline struct restore_result restore_choosing(uint64_t generation, uint64_t older,
                                                     const char *apkovl)
{
	FD_AUTO medium = open("medium", O_RDONLY | O_DIRECTORY);
	FD_AUTO pristine = open("pristine", O_RDONLY | O_DIRECTORY);
	const struct restore_plan plan = {
		.medium = medium,
		.pristine = pristine,
		.name = "default",
		.generation = generation,
		.older = older,
		.apkovl = apkovl,
		.record = "record",
		.trial = "trial",
		.fresh_root = fresh_root,
		.set_writable = set_writable,
		.degraded = degraded,
	};
	struct restore_result r;
	struct err e = { 0 };

	told[0] = '\0';
	shell("rm -rf root; cp -a pristine root");
	assert_int_equal(restore_boot(&plan, &r, &e), 0);
	return r;
}

static inline struct restore_result restore_with(uint64_t generation, const char *apkovl)
{
	return restore_choosing(generation, 0, apkovl);
}

static inline void assert_name(const char *want)
{
	char text[100];
	struct err e;

	assert_true(fd_read_file(AT_FDCWD, "root/etc/name", text, sizeof text, &e) >= 0);
	assert_string_equal(text, want);
}

#endif
