#include "revert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../init/base/fd.h"
#include "disk.h"
#include "extract.h"
#include "names.h"
#include "remove.h"

/* --- Does the generation know the path? --- */

struct search {
	const char *path;
	bool found;
};

static int look(void *ctx, const struct member *m, const struct member_data *data, struct err *e)
{
	struct search *s = ctx;

	(void)data, (void)e;
	s->found |= member_is_below(m->path, s->path);
	return 0;
}

static int is_in(const struct archive *a, const char *path, struct err *e)
{
	struct search search = { path, false };
	const struct sink sink = { look, &search };

	if (archive_read(a, &sink, e) < 0)
		return -1;
	return search.found;
}

/* --- From the image --- */

struct copy {
	struct extract *to;
	struct disk disks[MEMBER_DEPTH_MAX + 1]; /* one a level: members stay valid */
	const struct layer *l;
};

/* Does to `name` in the directory `dir` what is to be done, and to all below it. */
typedef int visit(struct copy *c, int dir, const char *name, const char *path, int depth,
                  struct err *e);

static int each_in(struct copy *c, int dir, const char *path, int depth, visit *act, struct err *e)
{
	char inner[MEMBER_PATH_MAX + 256];
	struct names names;
	int result = names_read(&names, dir, e);

	for (size_t i = 0; result == 0 && i < names.n; i++) {
		int len = snprintf(inner, sizeof inner, "%s/%s", path, names.at[i]);

		result = len < MEMBER_PATH_MAX ? act(c, dir, names.at[i], inner, depth + 1, e)
		                               : err_say(e, "%.200s: path too long", inner);
	}
	names_drop(&names);
	return result;
}

/* Devices and the like of an image below what is reverted stay away: the overlay
 * itself would have shown them, but they can't have been changed into something. */
static int copy_tree(struct copy *c, int from, const char *name, const char *path, int depth,
                     struct err *e)
{
	struct member m;

	if (depth > MEMBER_DEPTH_MAX)
		return err_say(e, "%.200s: too deep", path);
	if (disk_member(&c->disks[depth], from, name, path, &m, e) < 0)
		return e->code == ENOENT ? 0 : -1;
	if (m.type == MEMBER_OTHER)
		return 0;

	FD_AUTO fd = m.type == MEMBER_SYMLINK
	                     ? -1
	                     : openat(from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const struct member_data data = { disk_read, &fd };

	if (m.type != MEMBER_SYMLINK && fd < 0)
		return err_sys(e, "%s: open in the image", path);
	if (extract_member(c->to, &m, &data, e) < 0)
		return -1;
	return m.type == MEMBER_DIRECTORY ? each_in(c, fd, path, depth, copy_tree, e) : 0;
}

/* The image's member of `path`: 1, 0 when it has none there, -1 with *e. */
static int open_pristine(const struct copy *c, const char *path, int *dir, const char **name,
                         struct stat *st, struct err *e)
{
	char above[MEMBER_PATH_MAX];

	*name = member_split(path, above);
	*dir = fd_open_beneath(c->l->pristine_fd, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);
	if (*dir >= 0 && fstatat(*dir, *name, st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
	               ? 0
	               : err_sys(e, "%s: look in the image", path);
}

static int remove_merged(const struct copy *c, const char *path, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(path, above);
	FD_AUTO dir =
		fd_open_beneath(c->l->root_fd, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);

	if (dir < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s: open the directory above", path);
	return remove_tree(dir, name, e);
}

/* Only what the upper directory holds has changed; the rest already is the image's. */
static int undo(struct copy *c, int upper, const char *name, const char *path, int depth,
                struct err *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	FD_AUTO changed = openat(upper, name, flags);
	FD_AUTO from = -1;
	const char *last;
	struct stat st;
	int there = open_pristine(c, path, &from, &last, &st, e);

	if (there < 0 || depth > MEMBER_DEPTH_MAX)
		return there < 0 ? -1 : err_say(e, "%.200s: too deep", path);
	if (there && S_ISDIR(st.st_mode) && changed >= 0 && !disk_is_opaque(changed)) {
		struct member m;

		/* first what is in it: that changes its time */
		if (each_in(c, changed, path, depth, undo, e) < 0 ||
		    disk_member(&c->disks[depth], from, last, path, &m, e) < 0)
			return -1;
		return extract_member(c->to, &m, NULL, e);
	}
	if (remove_merged(c, path, e) < 0)
		return -1;
	return there ? copy_tree(c, from, last, path, depth, e) : 0;
}

static int undo_path(struct copy *c, const char *path, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(path, above);
	FD_AUTO dir =
		fd_open_beneath(c->l->upper_fd, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);
	struct stat st;

	/* not in the upper directory: nothing has changed there */
	if (dir < 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP
		               ? 0
		               : err_sys(e, "%s", path);
	return undo(c, dir, name, path, 0, e);
}

static int from_image(const struct layer *l, const char *path, struct err *e)
{
	struct copy *c = calloc(1, sizeof *c);
	struct extract *x = malloc(sizeof *x);
	int result = -1;

	if (!c || !x) {
		err_sys(e, "revert");
	} else {
		extract_open(x, l->root_fd, l->pristine_fd, true);
		c->to = x;
		c->l = l;
		result = undo_path(c, path, e);
		if (result == 0)
			result = extract_finish(x, e);
		extract_drop(x);
		for (size_t i = 0; i <= MEMBER_DEPTH_MAX; i++)
			disk_drop(&c->disks[i]);
	}
	free(c);
	free(x);
	return result;
}

int revert(const struct layer *l, const struct archive *saved, const char *path, struct err *e)
{
	struct archive_outcome outcome;
	int known = saved ? is_in(saved, path, e) : 0;

	if (known < 0 || from_image(l, path, e) < 0)
		return -1;
	if (!known)
		return REVERT_TO_IMAGE;
	if (archive_extract(saved, l->root_fd, path, &outcome, e) < 0)
		return -1;
	return REVERT_TO_GENERATION;
}
