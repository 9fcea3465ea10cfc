/* disk: files of a mounted tree as members.  */
#ifndef TREE_DISK_H
#define TREE_DISK_H

#include <stdbool.h>
#include <sys/stat.h>

#include "../../init/base/err.h"
#include "../tar/member.h"
#include "attrs.h"

/* One member's memory and file, used again for the next. { .fd = -1 } at first. */
struct disk {
	int fd; /* owned: a FILE's content, not yet read; -1: it is none */
	struct attrs attrs;
	struct stat st;
	char target[MEMBER_PATH_MAX];
};

/* Fills *m with what `name` in `dir` is ("": `dir` itself), as `path`, which stays
 * the caller's. Whiteouts of the overlay become WHITEOUT. *m and d->fd last until the
 * next call. 0, or -1 with *e (e->code ENOENT: it is gone). */
int disk_member(struct disk *d, int dir, const char *name, const char *path, struct member *m,
                struct err *e);

/* Whether the file that `m` came from (`name` in `dir`) is the same as `name` in
 * `other`: type, content, mode, owner, attributes; not time. `other` is -1 where
 * there is nothing. 1, 0, or -1 with *e. */
int disk_same(const struct member *m, int dir, int other, const char *name, struct disk *d,
              struct err *e);

/* Whether overlayfs hides what the image has in this directory, which is at `path`: 1 or
 * 0; -1 with *e. */
int disk_is_opaque(int dir, const char *path, struct err *e);

/* A FILE's bytes, read from its start: for struct member_data, ctx a descriptor. */
ssize_t disk_read(void *fd, void *buf, size_t len, struct err *e);

/* Gives the memory back and closes the file. */
void disk_drop(struct disk *d);

#endif
