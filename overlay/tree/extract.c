#include "extract.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../../init/base/array.h"
#include "../../init/base/fd.h"
#include "../tar/acl.h"
#include "attrs.h"
#include "remove.h"

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW };

void extract_open(struct extract *x, int root, int pristine, bool exact)
{
	*x = (struct extract){ .root = root, .exact = exact, .parent = -1 };
	x->check.pristine = pristine;
	x->uid = geteuid();
	x->gid = getegid();
	x->masked = umask(0);
	umask(x->masked);
	x->masked |= 07000;
}

void extract_drop(struct extract *x)
{
	for (size_t i = 0; i < x->n_times; i++)
		free(x->times[i].path);
	free(x->times);
	fd_drop(&x->parent);
	check_drop(&x->check);
}

static int open_beneath(const struct extract *x, const char *path)
{
	return fd_open_beneath(x->root, *path ? path : ".", DIR_FLAGS, 0);
}

/* Directories that an archive does not name itself (lbu's way) are made plain. */
static int make_parents(const struct extract *x, const char *path)
{
	char part[MEMBER_PATH_MAX];

	for (size_t i = 1;; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';

		char above[MEMBER_PATH_MAX];
		const char *name = member_split(part, above);
		FD_AUTO dir = open_beneath(x, above);

		if (dir < 0 || (mkdirat(dir, name, 0755) < 0 && errno != EEXIST))
			return -1;
		if (path[i] == '\0')
			return open_beneath(x, path);
	}
}

/* Whether what is made in a directory gets more than its maker's owner and mode. When
 * in doubt it does. */
static bool marks_files(int dir)
{
	struct stat st;
	char acl[8];

	return fstat(dir, &st) < 0 || (st.st_mode & S_ISGID) ||
	       attrs_get(dir, "", ACL_DEFAULT, acl, sizeof acl) != 0;
}

/* The directory of `path`, opened, and the last name in *name. The same one as the
 * last time is not looked up again. */
static int enter_parent(struct extract *x, const char *path, const char **name, struct err *e)
{
	char above[MEMBER_PATH_MAX];

	*name = member_split(path, above);
	if (x->parent >= 0 && strcmp(above, x->parent_path) == 0)
		return 0;
	fd_drop(&x->parent);
	x->parent = open_beneath(x, above);
	if (x->parent < 0 && errno == ENOENT)
		x->parent = make_parents(x, above);
	if (x->parent < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_say(e, "%s: the root has a symbolic link or file above it", path);
	if (x->parent < 0)
		return err_sys(e, "%s: open the directory above", path);
	strcpy(x->parent_path, above);
	x->parent_marks = marks_files(x->parent);
	return 0;
}

static int set_owner_and_mode(int fd, const struct member *m, struct err *e)
{
	/* in this order: a change of owner clears setuid bits and capabilities */
	if (fchown(fd, m->uid, m->gid) < 0)
		return err_sys(e, "%s: set owner", m->path);
	if (fchmod(fd, m->mode) < 0)
		return err_sys(e, "%s: set mode", m->path);
	return 0;
}

static int set_attributes(struct extract *x, int dir, const char *name, const struct member *m,
                          struct err *e)
{
	bool exact = x->exact && m->type == MEMBER_DIRECTORY;

	if (m->xattrs.n == 0 && !exact)
		return 0;
	return attrs_write(&m->xattrs, dir, name, exact, x->skipped, e) < 0
	               ? err_wrap(e, "%s", m->path)
	               : 0;
}

static int copy_data(struct extract *x, int fd, const struct member *m,
                     const struct member_data *data, struct err *e)
{
	uint64_t left = m->size;

	while (left > 0) {
		size_t want = left < sizeof x->buf ? (size_t)left : sizeof x->buf;
		ssize_t n = data->read(data->ctx, x->buf, want, e);

		if (n < 0)
			return -1;
		if (n == 0)
			return err_say(e, "%s: cut short", m->path);
		if (fd_write_full(fd, x->buf, (size_t)n) < 0)
			return err_sys(e, "%s: write", m->path);
		left -= (uint64_t)n;
	}
	return 0;
}

/* What a file got from its directory's default ACL; before its mode, which the
 * ACL would take for its mask. */
static int drop_inherited_acl(int fd, const struct member *m, struct err *e)
{
	if (fremovexattr(fd, ACL_ACCESS) < 0 && errno != ENODATA && errno != EOPNOTSUPP)
		return err_sys(e, "%s: drop the inherited ACL", m->path);
	return 0;
}

static int create(const struct extract *x, const char *name, mode_t mode)
{
	return openat(x->parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
}

/* Nearly always nothing is in the way. */
static int create_file(const struct extract *x, const char *name, const struct member *m,
                       mode_t mode, struct err *e)
{
	int fd = create(x, name, mode);

	if (fd < 0 && errno == EEXIST) {
		if (remove_tree(x->parent, name, e) < 0)
			return err_wrap(e, "%s", m->path);
		fd = create(x, name, mode);
	}
	return fd < 0 ? err_sys(e, "%s: create", m->path) : fd;
}

/* A file with a mode that its maker may give it, in a directory that adds nothing, is
 * right from the start. */
static int make_file(struct extract *x, const char *name, const struct member *m,
                     const struct member_data *data, struct err *e)
{
	const struct timespec times[2] = { m->mtime, m->mtime };
	bool plain = !x->parent_marks && m->uid == x->uid && m->gid == x->gid &&
	             !(m->mode & x->masked);
	FD_AUTO fd = create_file(x, name, m, plain ? m->mode : 0600, e);

	if (fd < 0 || copy_data(x, fd, m, data, e) < 0)
		return -1;
	if (!plain && (drop_inherited_acl(fd, m, e) < 0 || set_owner_and_mode(fd, m, e) < 0))
		return -1;
	if (set_attributes(x, x->parent, name, m, e) < 0)
		return -1;
	return futimens(fd, times) < 0 ? err_sys(e, "%s: set times", m->path) : 0;
}

static int make_symlink(struct extract *x, const char *name, const struct member *m, struct err *e)
{
	const struct timespec times[2] = { m->mtime, m->mtime };

	if (remove_tree(x->parent, name, e) < 0)
		return err_wrap(e, "%s", m->path);
	if (symlinkat(m->target, x->parent, name) < 0)
		return err_sys(e, "%s: make symbolic link", m->path);
	if (fchownat(x->parent, name, m->uid, m->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "%s: set owner", m->path);
	if (set_attributes(x, x->parent, name, m, e) < 0)
		return -1;
	if (utimensat(x->parent, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(e, "%s: set times", m->path);
	return 0;
}

static int make_hardlink(struct extract *x, const char *name, const struct member *m, struct err *e)
{
	char above[MEMBER_PATH_MAX];

	/* GNU tar, told to archive a file twice, makes it a link to itself */
	if (strcmp(m->path, m->target) == 0)
		return 0;

	const char *target = member_split(m->target, above);
	FD_AUTO dir = open_beneath(x, above);

	if (dir < 0)
		return err_sys(e, "%s: open the directory of %s", m->path, m->target);
	if (remove_tree(x->parent, name, e) < 0)
		return err_wrap(e, "%s", m->path);
	if (linkat(dir, target, x->parent, name, 0) < 0)
		return err_sys(e, "%s: link to %s", m->path, m->target);
	return 0;
}

static int note_time(struct extract *x, const struct member *m, struct err *e)
{
	if (array_grow(&x->times, x->n_times, &x->size_times, sizeof *x->times) < 0)
		return err_sys(e, "times of directories");

	char *path = strdup(m->path);

	if (!path)
		return err_sys(e, "times of directories");
	x->times[x->n_times++] = (struct dir_time){ path, m->mtime };
	return 0;
}

/* What the image has there as something else gives way; but not at the top, where
 * /bin or /lib may be links that everything depends on. */
static int make_place(struct extract *x, const char *name, const struct member *m, struct err *e)
{
	struct stat st;

	if (fstatat(x->parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "%s", m->path);
	if (S_ISDIR(st.st_mode))
		return 0;
	if (name == m->path)
		return err_say(e, "%s: a directory in the archive, but not in the root", m->path);
	return remove_tree(x->parent, name, e) < 0 ? err_wrap(e, "%s", m->path) : 0;
}

static int make_directory(struct extract *x, const char *name, const struct member *m,
                          struct err *e)
{
	if (make_place(x, name, m, e) < 0)
		return -1;
	if (mkdirat(x->parent, name, 0700) < 0 && errno != EEXIST)
		return err_sys(e, "%s: make directory", m->path);

	FD_AUTO fd = openat(x->parent, name, DIR_FLAGS | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "%s: open", m->path);
	if (set_owner_and_mode(fd, m, e) < 0 || set_attributes(x, fd, "", m, e) < 0)
		return -1;
	return note_time(x, m, e);
}

/* A directory of the image that is removed and made again is opaque, so nothing of
 * it shows, now or with the next image. It keeps its owner, mode and attributes. */
static int make_anew(struct extract *x, const char *name, const struct member *m, struct err *e)
{
	struct attrs attrs = { 0 };
	struct stat st;
	struct member again;
	int result = -1;

	if (fstatat(x->parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
		return err_say(e, "%s: no directory to make opaque", m->path);
	again = (struct member){ .type = MEMBER_DIRECTORY,
		                 .path = m->path,
		                 .mode = st.st_mode & 07777,
		                 .uid = st.st_uid,
		                 .gid = st.st_gid };
	if (attrs_read(&attrs, x->parent, name, e) == 0 && remove_tree(x->parent, name, e) == 0) {
		FD_AUTO fd = mkdirat(x->parent, name, 0700) < 0
		                     ? -1
		                     : openat(x->parent, name, DIR_FLAGS | O_CLOEXEC);

		again.xattrs = attrs.list;
		if (fd < 0)
			result = err_sys(e, "make it anew");
		else if (set_owner_and_mode(fd, &again, e) == 0)
			result = set_attributes(x, fd, "", &again, e);
	}
	attrs_drop(&attrs);
	return result < 0 ? err_wrap(e, "%s", m->path) : 0;
}

struct kept {
	const struct extract *x;
	const char *dir;
};

static bool came_from_archive(void *ctx, const char *name)
{
	const struct kept *kept = ctx;
	char path[2 * MEMBER_PATH_MAX];

	snprintf(path, sizeof path, "%s/%s", kept->dir, name);
	return seen_find(&kept->x->check.seen, path, strlen(path)) != 0;
}

static bool came_first(void *ctx, const char *name)
{
	*(bool *)ctx |= true;
	(void)name;
	return true;
}

/* Usually the mark comes right after its directory, before anything in it. */
static int make_opaque(struct extract *x, const char *name, const struct member *m, struct err *e)
{
	FD_AUTO dir = openat(x->parent, name, DIR_FLAGS | O_CLOEXEC);
	struct kept kept = { x, m->path };
	bool some = false;

	if (dir < 0)
		return err_sys(e, "%s: open", m->path);
	if (remove_contents(dir, came_from_archive, &kept, e) < 0 ||
	    remove_contents(dir, came_first, &some, e) < 0)
		return err_wrap(e, "%s", m->path);
	fd_drop(&dir);
	return some ? 0 : make_anew(x, name, m, e);
}

static int make(struct extract *x, const char *name, const struct member *m,
                const struct member_data *data, struct err *e)
{
	switch (m->type) {
	case MEMBER_FILE:
		return make_file(x, name, m, data, e);
	case MEMBER_DIRECTORY:
		return make_directory(x, name, m, e);
	case MEMBER_SYMLINK:
		return make_symlink(x, name, m, e);
	case MEMBER_HARDLINK:
		return make_hardlink(x, name, m, e);
	case MEMBER_OPAQUE:
		return make_opaque(x, name, m, e);
	case MEMBER_WHITEOUT:
		return remove_tree(x->parent, name, e) < 0 ? err_wrap(e, "%s", m->path) : 0;
	default:
		return err_say(e, "%s: not made", m->path);
	}
}

int extract_member(void *extract, const struct member *m, const struct member_data *data,
                   struct err *e)
{
	struct extract *x = extract;
	const char *name;

	if (check_next(&x->check, m, e) < 0)
		return -1;
	if (!*m->path || (x->below && !member_is_below(m->path, x->below)))
		return 0;
	if (enter_parent(x, m->path, &name, e) < 0)
		return -1;
	if (make(x, name, m, data, e) < 0)
		return -1;
	/* one that is replaced, or marked otherwise, must not stay open as the last parent */
	if (m->type == MEMBER_OPAQUE || m->type == MEMBER_WHITEOUT ||
	    (m->type == MEMBER_DIRECTORY && strcmp(m->path, x->parent_path) == 0))
		fd_drop(&x->parent);
	return 0;
}

int extract_finish(struct extract *x, struct err *e)
{
	for (size_t i = x->n_times; i-- > 0;) {
		const struct timespec times[2] = { x->times[i].mtime, x->times[i].mtime };
		FD_AUTO dir = open_beneath(x, x->times[i].path);

		/* a later whiteout may have taken it away again */
		if (dir < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			continue;
		if (dir < 0 || futimens(dir, times) < 0)
			return err_sys(e, "%s: set times", x->times[i].path);
	}
	return 0;
}
