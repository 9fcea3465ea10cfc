#include "root.h"

#include "../init/base/fd.h"
#include "personal.h"
#include "tarball.h"
#include "tool.h"
#include "tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define EPOCH "SOURCE_DATE_EPOCH"

/* Arguments for a tool; the array is large enough for all of ours. */
struct args {
	const char *at[TOOL_ARGS_MAX];
	size_t n;
};

static void add(struct args *a, const char *word)
{
	if (a->n + 1 < TOOL_ARGS_MAX)
		a->at[a->n++] = word;
}

static void add_number(struct args *a, const char *option, char text[static 24], int64_t n)
{
	snprintf(text, 24, strcmp(option, "-root-mode") == 0 ? "%" PRIo64 : "%" PRId64, n);
	add(a, option);
	add(a, text);
}

/* What both kinds of root have in common. */
static void add_squashfs_options(struct args *a, bool show)
{
	add(a, "-noappend");
	add(a, "-quiet");
	add(a, "-comp");
	add(a, "zstd");
	if (!show)
		add(a, "-no-progress");
	/* mksquashfs takes the variable, and refuses both */
	if (!getenv(EPOCH)) {
		add(a, "-mkfs-time");
		add(a, "0");
	}
}

/* -e takes all words that follow it. */
static int make_squashfs(const char *from, const char *out, const struct personal *without,
                         bool show, struct err *e)
{
	const struct tool_run run = { .show = show };
	struct args a = { { "mksquashfs", from, out, "-one-file-system" }, 4 };

	add_squashfs_options(&a, show);
	if (geteuid() != 0)
		add(&a, "-all-root");
	if (without->n)
		add(&a, "-e");
	for (size_t i = 0; i < without->n; i++)
		add(&a, without->paths[i]);
	return tool_run(a.at, &run, e);
}

static int pour(void *archive, int to, struct err *e)
{
	return tarball_pour(archive, to, e);
}

/* mksquashfs drops what the archive says of the top directory, and gives it and
 * folders that the archive leaves out the present time, but none that is later
 * than the variable's. */
static int make_of_archive(struct plan *p, const char *out, bool show, struct err *e)
{
	const struct tool_run run = { .show = show, .feed = pour, .ctx = p->archive };
	struct args a = { { "mksquashfs", "-", out, "-tar" }, 4 };
	char mode[24], uid[24], gid[24], epoch[24];
	bool ours = !getenv(EPOCH);
	int64_t newest = p->tarball.newest < UINT32_MAX ? p->tarball.newest : UINT32_MAX;

	snprintf(epoch, sizeof epoch, "%" PRId64, newest);
	setenv(EPOCH, epoch, 0);
	add_squashfs_options(&a, show);
	add_number(&a, "-root-mode", mode, p->tarball.mode);
	add_number(&a, "-root-uid", uid, p->tarball.uid);
	add_number(&a, "-root-gid", gid, p->tarball.gid);

	int result = tool_run(a.at, &run, e);

	if (ours)
		unsetenv(EPOCH);
	return result;
}

static int make_erofs(const char *from, const char *out, const struct personal *without,
                      struct err *e)
{
	char excludes[PERSONAL_MAX][160];
	struct args a = { 0 };

	add(&a, "mkfs.erofs");
	add(&a, "--quiet");
	add(&a, "-zlz4hc");
	add(&a, "--preserve-mtime");
	add(&a, "-U00000000-0000-0000-0000-000000000000");
	if (geteuid() != 0)
		add(&a, "--all-root");
	for (size_t i = 0; i < without->n; i++) {
		snprintf(excludes[i], sizeof excludes[i], "--exclude-path=%s", without->paths[i]);
		add(&a, excludes[i]);
	}
	add(&a, out);
	add(&a, from);
	return tool_run(a.at, NULL, e);
}

static int make_image(const struct plan *p, const char *from, const char *out,
                      const struct personal *without, bool show, struct err *e)
{
	return p->fs == PLAN_EROFS ? make_erofs(from, out, without, e)
	                           : make_squashfs(from, out, without, show, e);
}

int root_make(struct plan *p, const char *out, bool show, struct err *e)
{
	if (p->archive[0])
		return make_of_archive(p, out, show, e);
	return make_image(p, p->root, out, &p->personal, show, e);
}

/* Debian's packages of kernels have lib/, its machines have lib -> usr/lib. */
static const char *modules_parent(const char *root)
{
	char path[600];
	struct stat st;

	snprintf(path, sizeof path, "%s/lib", root);
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "lib/modules" : "usr/lib/modules";
}

/* cp -a of files and folders; modules directories hold links to source trees
 * besides, which a machine has no use for. */
struct copying {
	const char *from;
	int to;
};

static int copy_one(void *ctx, const char *path, const struct stat *st, struct err *e)
{
	const struct copying *c = ctx;
	char from[4096];

	if (S_ISDIR(st->st_mode))
		return fd_mkdirs(c->to, path, 0755, e);
	if (!S_ISREG(st->st_mode))
		return 0;
	snprintf(from, sizeof from, "%s/%s", c->from, path);
	FD_AUTO in = open(from, O_RDONLY | O_CLOEXEC);
	FD_AUTO out = openat(c->to, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (in < 0 || out < 0)
		return err_sys(e, "copy %s", from);
	for (ssize_t n; (n = sendfile(out, in, NULL, (size_t)1 << 30)) != 0;)
		if (n < 0)
			return err_sys(e, "copy %s", from);
	const struct timespec times[2] = { st->st_mtim, st->st_mtim };
	return futimens(out, times) < 0 ? err_sys(e, "copy %s", from) : 0;
}

int root_make_modules(const struct plan *p, const char *out, struct err *e)
{
	char base[600], folder[900];

	snprintf(base, sizeof base, "%s/modules", p->work);
	snprintf(folder, sizeof folder, "%s/%s/%s", base, modules_parent(p->root), p->release);
	if (fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;

	FD_AUTO to = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (to < 0)
		return err_sys(e, "open %s", folder);
	struct copying c = { p->modules, to };
	const struct personal nothing = { .n = 0 };
	if (tree_walk(p->modules, copy_one, &c, e) < 0 ||
	    make_image(p, base, out, &nothing, false, e) < 0)
		return -1;
	return tree_remove(base, e);
}
