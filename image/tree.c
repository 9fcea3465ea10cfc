#include "tree.h"

#include "../init/base/fd.h"
#include "../init/base/names.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TREE_DEPTH_MAX 64

struct walk {
	tree_each *each;
	void *ctx;
	char path[4096];        /* of what is looked at, relative to the top */
	int depth;
};

static int walk_folder(struct walk *w, int dir, struct err *e);

static int walk_one(struct walk *w, int dir, const char *name, struct err *e)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "stat %s", w->path);
	if (w->each(w->ctx, w->path, &st, e) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode))
		return 0;
	FD_AUTO below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		return err_sys(e, "open %s", w->path);
	return walk_folder(w, below, e);
}

static int walk_folder(struct walk *w, int dir, struct err *e)
{
	NAMES_AUTO list = { 0 };
	size_t len = strlen(w->path);

	if (++w->depth > TREE_DEPTH_MAX)
		return err_say(e, "%s: folders too deep", w->path);
	if (names_read(&list, dir, e) < 0)
		return err_wrap(e, "%s", w->path);
	for (size_t i = 0; i < list.n; i++) {
		int more = snprintf(w->path + len, sizeof w->path - len, "%s%s", len ? "/" : "",
		                    list.at[i]);

		if (more < 0 || (size_t)more >= sizeof w->path - len)
			return err_say(e, "path too long: %s", list.at[i]);
		if (walk_one(w, dir, list.at[i], e) < 0)
			return -1;
	}
	w->path[len] = '\0';
	w->depth--;
	return 0;
}

int tree_walk(const char *top, tree_each *each, void *ctx, struct err *e)
{
	FD_AUTO dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = { .each = each, .ctx = ctx };

	if (dir < 0)
		return err_sys(e, "open %s", top);
	if (walk_folder(&w, dir, e) < 0)
		return err_wrap(e, "%s", top);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

int tree_remove(const char *path, struct err *e)
{
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
		return err_sys(e, "remove %s", path);
	return 0;
}
