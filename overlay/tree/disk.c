#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../init/base/fd.h"

enum { CONTENT = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

static enum member_type type_of(const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFREG:
		return MEMBER_FILE;
	case S_IFDIR:
		return MEMBER_DIRECTORY;
	case S_IFLNK:
		return MEMBER_SYMLINK;
	default:
		return MEMBER_OTHER;
	}
}

/* A device 0:0, or (overlay on overlay) an empty file with a note: 1 or 0; -1 with *e. */
static int is_whiteout(int dir, const char *name, const char *path, const struct stat *st,
                       struct err *e)
{
	char note[8];
	ssize_t len;

	if (S_ISCHR(st->st_mode))
		return st->st_rdev == makedev(0, 0);
	if (!S_ISREG(st->st_mode) || st->st_size > 0)
		return 0;
	len = attrs_get(dir, name, "trusted.overlay.whiteout", note, sizeof note);
	return len < 0 ? err_sys(e, "%s: read attributes", path) : len > 0;
}

int disk_is_opaque(int dir, const char *path, struct err *e)
{
	char note[8];
	ssize_t len = attrs_get(dir, "", "trusted.overlay.opaque", note, sizeof note);

	return len < 0 ? err_sys(e, "%s: read attributes", path) : len > 0 && note[0] == 'y';
}

static int read_target(struct disk *d, int dir, const char *name, struct member *m, struct err *e)
{
	ssize_t len = readlinkat(dir, name, d->target, sizeof d->target);

	if (len < 0)
		return err_sys(e, "%s: read link", m->path);
	if ((size_t)len == sizeof d->target)
		return err_say(e, "%s: link target too long", m->path);
	d->target[len] = '\0';
	m->target = d->target;
	return 0;
}

static int read_attributes(struct disk *d, int dir, const char *name, struct err *e)
{
	return d->fd >= 0 ? attrs_read_open(&d->attrs, d->fd, e)
	                  : attrs_read(&d->attrs, dir, name, e);
}

int disk_member(struct disk *d, int dir, const char *name, const char *path, struct member *m,
                struct err *e)
{
	int whiteout;

	fd_drop(&d->fd);
	if (fstatat(dir, name, &d->st, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return err_sys(e, "%s", path);
	*m = (struct member){
		.type = type_of(&d->st),
		.path = path,
		.mode = d->st.st_mode & 07777,
		.uid = d->st.st_uid,
		.gid = d->st.st_gid,
		.mtime = d->st.st_mtim,
		.size = S_ISREG(d->st.st_mode) ? (uint64_t)d->st.st_size : 0,
	};
	whiteout = is_whiteout(dir, name, path, &d->st, e);
	if (whiteout < 0)
		return -1;
	if (whiteout) {
		m->type = MEMBER_WHITEOUT;
		m->mode = 0600;
		return 0;
	}
	if (m->type == MEMBER_OTHER)
		return 0;
	if (m->type == MEMBER_FILE) {
		d->fd = openat(dir, name, CONTENT);
		if (d->fd < 0)
			return err_sys(e, "%s: open", path);
	}
	if (read_attributes(d, dir, name, e) < 0)
		return err_wrap(e, "%s", path);
	m->xattrs = d->attrs.list;
	return m->type == MEMBER_SYMLINK ? read_target(d, dir, name, m, e) : 0;
}

ssize_t disk_read(void *fd, void *buf, size_t len, struct err *e)
{
	ssize_t n = fd_read_full(*(int *)fd, buf, len);

	return n < 0 ? err_sys(e, "read") : n;
}

static int same_bytes(int a, int b, const char *path, struct err *e)
{
	uint8_t mine[16384], other[16384];

	for (;;) {
		ssize_t n = fd_read_full(a, mine, sizeof mine);
		ssize_t m = n < 0 ? -1 : fd_read_full(b, other, sizeof other);

		if (m < 0)
			return err_sys(e, "%s: read", path);
		if (n != m || memcmp(mine, other, (size_t)n) != 0)
			return 0;
		if (n < (ssize_t)sizeof mine)
			return 1;
	}
}

static bool same_head(const struct member *a, const struct member *b)
{
	return a->type == b->type && a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->size == b->size && attrs_equal(&a->xattrs, &b->xattrs) &&
	       strcmp(a->target ? a->target : "", b->target ? b->target : "") == 0;
}

int disk_same(const struct member *m, int dir, int other, const char *name, struct disk *d,
              struct err *e)
{
	struct member its;

	if (other < 0)
		return 0;
	if (disk_member(d, other, name, m->path, &its, e) < 0)
		return e->code == ENOENT ? 0 : -1;
	if (!same_head(m, &its))
		return 0;
	if (m->type != MEMBER_FILE)
		return 1;

	/* not the descriptor that it came with, which is to be read from its start */
	FD_AUTO mine = openat(dir, name, CONTENT);

	return mine < 0 ? err_sys(e, "%s: open", m->path) : same_bytes(mine, d->fd, m->path, e);
}

void disk_drop(struct disk *d)
{
	fd_drop(&d->fd);
	attrs_drop(&d->attrs);
}
