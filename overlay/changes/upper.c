#include "upper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../../init/base/paths.h"
#include "../tar/check.h"
#include "../tree/disk.h"
#include "../tree/links.h"

/* A directory that the walk is in. */
struct level {
	int dir;   /* owned */
	int lower; /* owned: the image's directory that shows through, or -1 */
	struct names names;
	size_t next; /* in names */
	size_t path_len;
	bool passed_on; /* its own member went to the sink */
};

struct walk {
	const struct upper *u;
	const struct sink *sink;
	struct check check;
	struct links links;
	struct disk mine, other;
	char path[MEMBER_PATH_MAX]; /* of what is looked at now */
	size_t depth;
	struct level levels[MEMBER_DEPTH_MAX + 1]; /* [0] is the root */
};

static void leave_out(const struct walk *w, const char *path, const char *why)
{
	if (w->u->left_out)
		w->u->left_out(w->u->ctx, path, why);
}

/* The reason in *e begins with the path. */
static const char *reason(const struct err *e, const char *path)
{
	size_t len = strlen(path);

	return strncmp(e->text, path, len) == 0 && strncmp(e->text + len, ": ", 2) == 0
	               ? e->text + len + 2
	               : e->text;
}

static void mention_attribute(struct walk *w, const char *path)
{
	char why[128] = "attribute not kept: ";

	if (!w->mine.attrs.left_out[0])
		return;
	strcat(why, w->mine.attrs.left_out);
	leave_out(w, path, why);
}

static int pass_parents(struct walk *w, struct err *e)
{
	char path[MEMBER_PATH_MAX];
	struct member m;

	for (size_t i = 1; i < w->depth; i++) {
		struct level *l = &w->levels[i];

		if (l->passed_on)
			continue;
		memcpy(path, w->path, l->path_len);
		path[l->path_len] = '\0';
		if (disk_member(&w->other, l->dir, "", path, &m, e) < 0 ||
		    check_next(&w->check, &m, e) < 0 ||
		    w->sink->member(w->sink->ctx, &m, NULL, e) < 0)
			return -1;
		l->passed_on = true;
	}
	return 0;
}

/* 1: passed on; 0: left out; -1 with *e. *m lies in w->mine. */
static int pass(struct walk *w, const struct member *m, const struct member_data *data,
                struct err *e)
{
	struct err why = { 0 };
	char path[MEMBER_PATH_MAX];

	if (member_path(m->path, strlen(m->path), path, &why) < 0 ||
	    check_member(&w->check, m, &why) < 0) {
		leave_out(w, m->path, reason(&why, m->path));
		return 0;
	}
	mention_attribute(w, m->path);
	if (pass_parents(w, e) < 0 || check_next(&w->check, m, e) < 0)
		return -1;
	return w->sink->member(w->sink->ctx, m, data, e) < 0 ? -1 : 1;
}

static int pass_file(struct walk *w, const struct member *m, struct err *e)
{
	const struct member_data data = { disk_read, &w->mine.fd };
	int passed = pass(w, m, &data, e);

	if (passed > 0 && w->mine.st.st_nlink > 1)
		return links_note(&w->links, &w->mine.st, m->path, e);
	return passed < 0 ? -1 : 0;
}

static int pass_link(struct walk *w, struct member *m, const char *first, struct err *e)
{
	m->type = MEMBER_HARDLINK;
	m->target = first;
	m->size = 0;
	m->xattrs.n = 0;
	return pass(w, m, NULL, e) < 0 ? -1 : 0;
}

/* 1 or 0; -1 with *e. */
static int is_in_image(const struct walk *w, int dir, const char *name, struct err *e)
{
	struct stat st;

	if (dir < 0)
		return 0;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return fd_is_absent(errno) ? 0 : err_sys(e, "%s: look for it in the image", w->path);
}

static struct timespec time_of(int dir)
{
	struct stat st;

	return fstat(dir, &st) < 0 ? (struct timespec){ 0, 0 } : st.st_mtim;
}

/* The boot puts such links where the image has none of slate's programs; the next one
 * does so again. */
static bool is_of_boot(const struct member *m)
{
	return m->type == MEMBER_SYMLINK && strncmp(m->target, PATH_BIN "/", sizeof PATH_BIN) == 0;
}

/* Anything but a directory. */
static int take_leaf(struct walk *w, struct level *l, const char *name, struct member *m,
                     struct err *e)
{
	const bool linked = m->type == MEMBER_FILE && w->mine.st.st_nlink > 1;
	const char *first = linked ? links_find(&w->links, &w->mine.st) : NULL;
	int same = is_of_boot(m) ? 1 : given_is_untouched(w->u->given, m->path, e);

	if (same != 0)
		return same < 0 ? -1 : 0;
	if (first)
		return pass_link(w, m, first, e);
	if (m->type == MEMBER_WHITEOUT) {
		/* its own time is that of the boot; its directory's is kept */
		m->mtime = time_of(l->dir);
		same = is_in_image(w, l->lower, name, e);
		same = same < 0 ? -1 : !same;
	} else if (!linked && m->type != MEMBER_OTHER) {
		same = disk_same(m, l->dir, l->lower, name, &w->other, e);
	}
	if (same != 0)
		return same < 0 ? -1 : 0;
	if (m->type == MEMBER_FILE)
		return pass_file(w, m, e);
	return pass(w, m, NULL, e) < 0 ? -1 : 0;
}

/* A directory that hides the image's says so right after its own member. */
static int pass_opaque(struct walk *w, const struct member *dir, struct err *e)
{
	struct member m = {
		.type = MEMBER_OPAQUE, .path = dir->path, .mode = 0600, .mtime = dir->mtime
	};

	return w->sink->member(w->sink->ctx, &m, NULL, e);
}

static int open_level(struct level *l, const struct level *above, const char *name,
                      const char *path, struct err *e)
{
	const int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	*l = (struct level){ .lower = -1, .path_len = strlen(path) };
	l->dir = openat(above->dir, name, O_RDONLY | flags);
	if (l->dir < 0)
		return err_sys(e, "%s: open", path);
	if (above->lower >= 0)
		l->lower = openat(above->lower, name, O_PATH | flags);
	if (above->lower < 0 || l->lower >= 0 || fd_is_absent(errno))
		return 0;
	fd_drop(&l->dir);
	return err_sys(e, "%s: open in the image", path);
}

static int enter(struct walk *w, struct level *above, const char *name, struct member *m, bool kept,
                 struct err *e)
{
	struct level *l = &w->levels[w->depth];
	int opaque, same = -1, given = kept ? given_is_untouched(w->u->given, m->path, e) : 0;

	if (w->depth > MEMBER_DEPTH_MAX) {
		leave_out(w, m->path, "too deep");
		return 0;
	}
	if (given < 0)
		return -1;
	kept &= !given;
	if (open_level(l, above, name, m->path, e) < 0)
		return e->code == ENOENT ? 0 : -1;
	opaque = l->lower >= 0 ? disk_is_opaque(l->dir, m->path, e) : 0;
	if (opaque >= 0)
		same = kept ? disk_same(m, above->dir, l->lower < 0 ? -1 : above->lower, name,
		                        &w->other, e)
		            : 1;
	if (opaque > 0)
		fd_drop(&l->lower);
	if (same >= 0 && (same == 0 || (opaque && kept))) {
		int passed = pass(w, m, NULL, e);

		l->passed_on = passed > 0;
		same = passed < 0 || (passed > 0 && opaque && pass_opaque(w, m, e) < 0) ? -1 : 0;
	}
	if (same < 0 || names_read(&l->names, l->dir, e) < 0) {
		fd_drop(&l->dir);
		fd_drop(&l->lower);
		names_drop(&l->names);
		return -1;
	}
	w->depth++;
	return 0;
}

static int take(struct walk *w, struct level *l, const char *name, struct err *e)
{
	struct member m;
	enum save_kind kind = savelist_kind(w->u->list, w->path);

	if (kind == SAVE_LEAVE && !savelist_reaches(w->u->list, w->path))
		return 0;
	if (disk_member(&w->mine, l->dir, name, w->path, &m, e) < 0)
		return e->code == ENOENT ? 0 : -1;
	if (w->mine.attrs.incomplete)
		return err_say(e,
		               "%s: the overlay was mounted with metacopy or redirect_dir: "
		               "its upper directory does not hold the whole change",
		               m.path);
	if (m.type == MEMBER_DIRECTORY)
		return enter(w, l, name, &m, kind == SAVE_KEEP, e);
	if (kind == SAVE_LEAVE || (kind == SAVE_LINKS && m.type != MEMBER_SYMLINK))
		return 0;
	return take_leaf(w, l, name, &m, e);
}

static void leave(struct walk *w)
{
	struct level *l = &w->levels[--w->depth];

	names_drop(&l->names);
	fd_drop(&l->dir);
	fd_drop(&l->lower);
}

/* One name of the innermost directory, or out of it. */
static int step(struct walk *w, struct err *e)
{
	struct level *l = &w->levels[w->depth - 1];
	const char *name;
	size_t len;

	if (l->next == l->names.n) {
		leave(w);
		return 0;
	}
	name = l->names.at[l->next++];
	len = l->path_len;
	if (len + strlen(name) + 2 > sizeof w->path) {
		w->path[len] = '\0';
		leave_out(w, w->path, "a name in it makes the path too long");
		return 0;
	}
	if (len)
		w->path[len++] = '/';
	strcpy(w->path + len, name);
	return take(w, l, name, e);
}

static int start(struct walk *w, struct err *e)
{
	struct level *l = &w->levels[0];

	w->depth = 1;
	*l = (struct level){ .lower = -1, .passed_on = true };
	l->dir = openat(w->u->upper, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l->dir < 0)
		return err_sys(e, "open the overlay's upper directory");
	l->lower = openat(w->u->pristine, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (l->lower < 0)
		return err_sys(e, "open the pristine root");
	return names_read(&l->names, l->dir, e);
}

int upper_walk(const struct upper *u, const struct sink *sink, struct err *e)
{
	struct walk *w = calloc(1, sizeof *w);
	int result;

	if (!w)
		return err_sys(e, "walk");
	w->mine.fd = w->other.fd = -1;
	w->u = u;
	w->sink = sink;
	w->check.pristine = u->pristine;
	result = start(w, e);
	while (result == 0 && w->depth > 0)
		result = step(w, e);
	while (w->depth > 0)
		leave(w);
	check_drop(&w->check);
	links_drop(&w->links);
	disk_drop(&w->mine);
	disk_drop(&w->other);
	free(w);
	return result;
}
