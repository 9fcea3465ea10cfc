#include "livestep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/array.h"
#include "../../init/base/fd.h"
#include "../../init/base/span.h"
#include "../tar/member.h"
#include "attrs.h"

static const char letters[LIVE_ACTIONS + 1] = "?prmds";

#define LIST     "steps"
#define NEW_LIST "steps.new"
#define DONE     "steps.done"

/* --- The list --- */

int live_steps_add(struct live_steps *s, enum live_action action, bool had, const char *path,
                   struct err *e)
{
	if (array_grow(&s->at, s->n, &s->size, sizeof *s->at) < 0)
		return err_sys(e, "list of changes");
	s->at[s->n] = (struct live_step){ action, had, strdup(path) };
	if (!s->at[s->n].path)
		return err_sys(e, "list of changes");
	s->n++;
	return 0;
}

void live_steps_drop(struct live_steps *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->at[i].path);
	free(s->at);
	*s = (struct live_steps){ 0 };
}

static int write_list(const struct live_steps *s, int fd)
{
	FILE *f = fdopen(fd, "w");
	bool failed = !f;

	if (!f) {
		fd_drop(&fd);
		return -1;
	}
	for (size_t i = 0; i < s->n && !failed; i++) {
		const struct live_step *step = &s->at[i];

		failed = fprintf(f, "%c%d%s", letters[step->action], step->had, step->path) < 0 ||
		         putc('\0', f) == EOF;
	}
	return fclose(f) == EOF || failed ? -1 : 0;
}

int live_steps_write(const struct live_steps *s, int stage, struct err *e)
{
	int fd = openat(stage, NEW_LIST, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write_list(s, fd) < 0 || renameat(stage, NEW_LIST, stage, LIST) < 0)
		return err_sys(e, "write the list of changes");
	return 0;
}

static int decode_one(struct span line, struct live_steps *s, struct err *e)
{
	char path[MEMBER_PATH_MAX];
	const char *letter = line.len > 2 ? strchr(letters + 1, line.at[0]) : NULL;

	if (!letter || !*letter || (line.at[1] != '0' && line.at[1] != '1') ||
	    member_path(line.at + 2, line.len - 2, path, e) < 0 || !*path)
		return err_say(e, "the list of changes is damaged");
	return live_steps_add(s, (enum live_action)(letter - letters), line.at[1] == '1', path, e);
}

int live_steps_decode(const char *bytes, size_t len, struct live_steps *s, struct err *e)
{
	while (len > 0) {
		const char *end = memchr(bytes, '\0', len);
		size_t n = end ? (size_t)(end - bytes) : 0;

		if (!end)
			return err_say(e, "the list of changes is cut short");
		if (decode_one((struct span){ bytes, n }, s, e) < 0)
			return -1;
		bytes += n + 1;
		len -= n + 1;
	}
	return 0;
}

int live_steps_read(struct live_steps *s, int stage, struct err *e)
{
	FD_AUTO fd = openat(stage, LIST, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	ssize_t n = -1;
	int result = -1;

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open the list of changes");
	if (fstat(fd, &st) < 0)
		return err_sys(e, "the list of changes");

	char *bytes = malloc((size_t)st.st_size + 1);

	if (!bytes || (n = fd_read_full(fd, bytes, (size_t)st.st_size)) < 0)
		err_sys(e, "read the list of changes");
	else
		result = live_steps_decode(bytes, (size_t)n, s, e) < 0 ? -1 : 1;
	free(bytes);
	return result;
}

int live_steps_finish(int stage, struct err *e)
{
	return renameat(stage, LIST, stage, DONE) < 0 ? err_sys(e, "rename the list of changes") : 0;
}

int live_steps_wait(int root, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(root, LIVE_STAGE "/" LIST, O_PATH, 0);

	if (fd >= 0)
		return 1;
	return fd_is_absent(errno) ? 0 : err_sys(e, "open the list of changes");
}

/* --- Places --- */

/* The directory of a path, opened, and its last name. */
static int open_above(int root, const char *path, const char **name)
{
	char above[MEMBER_PATH_MAX];

	*name = member_split(path, above);
	return fd_open_beneath(root, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);
}

static int open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* 1 or 0; -1 with errno: nobody knows. */
static int is_there(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return fd_is_absent(errno) ? 0 : -1;
}

struct place {
	int dir;          /* owned: of PATH in the root */
	int staged;       /* owned: of tree/PATH; -1: not there */
	const char *name; /* in both */
	int old;          /* owned: old/ */
	char number[24];  /* in it */
};

static void place_drop(struct place *p)
{
	fd_drop(&p->dir);
	fd_drop(&p->staged);
	fd_drop(&p->old);
}

static int place_open(struct place *p, int root, int stage, const char *path, size_t number,
                      struct err *e)
{
	char inside[MEMBER_PATH_MAX + 8];

	snprintf(inside, sizeof inside, "tree/%s", path);
	*p = (struct place){ .dir = -1, .staged = -1, .old = -1 };
	snprintf(p->number, sizeof p->number, "%zu", number);
	if (strlen(inside) < MEMBER_PATH_MAX) {
		p->staged = open_above(stage, inside, &p->name);
		if (p->staged < 0 && !fd_is_absent(errno))
			return err_sys(e, "%s: open the stage", path);
	}
	p->dir = open_above(root, path, &p->name);
	if (p->dir < 0)
		return err_sys(e, "%s: open the directory above", path);
	p->old = open_dir(stage, "old");
	return p->old < 0 ? err_sys(e, "open the stage") : 0;
}

static int copy_attributes(int from, int to, const char *path, struct err *e)
{
	struct attrs attrs = { 0 };
	char skipped[64] = "";
	struct stat st;
	int result = -1;

	if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0 ||
	    fchmod(to, st.st_mode & 07777) < 0) {
		err_sys(e, "%s: set owner and mode", path);
	} else if (attrs_read(&attrs, from, "", e) == 0 &&
	           attrs_write(&attrs.list, to, "", true, skipped, e) == 0) {
		const struct timespec times[2] = { st.st_mtim, st.st_mtim };

		result = futimens(to, times) < 0 ? err_sys(e, "%s: set times", path) : 0;
	}
	attrs_drop(&attrs);
	return result;
}

/* Gives the directory `name` in `to` the attributes of `model` in `from`. */
static int copy_model(int from, const char *model, int to, const char *name, const char *path,
                      struct err *e)
{
	FD_AUTO a = open_dir(from, model);
	FD_AUTO b = open_dir(to, name);

	return a < 0 || b < 0 ? err_sys(e, "%s: open", path) : copy_attributes(a, b, path, e);
}

/* --- Keeping what goes --- */

static int keep(const struct live_step *s, const struct place *p, struct err *e)
{
	if (s->action == LIVE_PUT || s->action == LIVE_REMOVE)
		return linkat(p->dir, p->name, p->old, p->number, 0) < 0
		               ? err_sys(e, "%s: keep what is there", s->path)
		               : 0;
	if (mkdirat(p->old, p->number, 0700) < 0)
		return err_sys(e, "%s: keep its attributes", s->path);
	return copy_model(p->dir, p->name, p->old, p->number, s->path, e);
}

int live_steps_keep(const struct live_steps *s, int root, int stage, struct err *e)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < s->n; i++) {
		struct place p;

		if (!s->at[i].had)
			continue;
		result = place_open(&p, root, stage, s->at[i].path, i, e);
		if (result == 0)
			result = keep(&s->at[i], &p, e);
		place_drop(&p);
	}
	return result;
}

/* --- Taking and undoing --- */

static int take(const struct live_step *s, const struct place *p, struct err *e)
{
	int result = 0;

	switch (s->action) {
	case LIVE_PUT:
		result = renameat(p->staged, p->name, p->dir, p->name);
		break;
	case LIVE_REMOVE:
		result = unlinkat(p->dir, p->name, 0);
		break;
	case LIVE_MKDIR:
		result = mkdirat(p->dir, p->name, 0700);
		if (result == 0)
			return copy_model(p->staged, p->name, p->dir, p->name, s->path, e);
		break;
	case LIVE_RMDIR:
		result = unlinkat(p->dir, p->name, AT_REMOVEDIR);
		break;
	case LIVE_SETDIR:
		return copy_model(p->staged, p->name, p->dir, p->name, s->path, e);
	default:
		return err_say(e, "%s: no such step", s->path);
	}
	return result < 0 ? err_sys(e, "%s", s->path) : 0;
}

int live_steps_take(const struct live_steps *s, int root, int stage, struct err *e)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < s->n; i++) {
		struct place p;

		result = place_open(&p, root, stage, s->at[i].path, i, e);
		if (result == 0)
			result = take(&s->at[i], &p, e);
		place_drop(&p);
	}
	return result;
}

/* What is in tree/ still was never put. */
static int undo_put(const struct live_step *s, const struct place *p)
{
	int waits = p->staged < 0 ? 0 : is_there(p->staged, p->name);
	int kept;

	if (waits != 0)
		return waits < 0 ? -1 : 0;
	if (!s->had)
		return unlinkat(p->dir, p->name, 0);
	kept = is_there(p->old, p->number);
	return kept <= 0 ? kept : renameat(p->old, p->number, p->dir, p->name);
}

static int undo_remove(const struct place *p)
{
	int there = is_there(p->dir, p->name);
	int kept = is_there(p->old, p->number);

	if (there < 0 || kept < 0)
		return -1;
	return there || !kept ? 0 : renameat(p->old, p->number, p->dir, p->name);
}

static int undo(const struct live_step *s, const struct place *p, struct err *e)
{
	int result = 0;

	switch (s->action) {
	case LIVE_PUT:
		result = undo_put(s, p);
		break;
	case LIVE_REMOVE:
		result = undo_remove(p);
		break;
	case LIVE_MKDIR:
		result = unlinkat(p->dir, p->name, AT_REMOVEDIR);
		/* what it was to take the place of is still there */
		if (result < 0 && errno == ENOTDIR)
			return 0;
		break;
	case LIVE_RMDIR:
		if (mkdirat(p->dir, p->name, 0700) < 0 && errno != EEXIST)
			return err_sys(e, "%s: make it again", s->path);
		return copy_model(p->old, p->number, p->dir, p->name, s->path, e);
	case LIVE_SETDIR:
		if (!s->had)
			return 0;
		return copy_model(p->old, p->number, p->dir, p->name, s->path, e);
	default:
		return 0;
	}
	return result < 0 && errno != ENOENT ? err_sys(e, "%s: undo", s->path) : 0;
}

int live_steps_undo(const struct live_steps *s, int root, int stage, struct err *e)
{
	int result = 0;

	for (size_t i = s->n; i-- > 0;) {
		struct place p;
		struct err why = { 0 };
		int one = place_open(&p, root, stage, s->at[i].path, i, &why);

		/* the directory above it was not made yet: nor was what is in it */
		if (one < 0 && (why.code == ENOENT || why.code == ELOOP || why.code == ENOTDIR))
			one = 0;
		else if (one == 0)
			one = undo(&s->at[i], &p, &why);
		place_drop(&p);
		if (one < 0 && result == 0)
			*e = why;
		result = one < 0 ? -1 : result;
	}
	return result < 0 ? -1 : live_steps_finish(stage, e);
}
