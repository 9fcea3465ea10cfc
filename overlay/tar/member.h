/* member: one thing that an archive says about one path, whoever says it.
 *
 * Archives, the overlay's upper directory and the pristine root are sources of
 * members; an archive being written, a root being restored and a comparison are
 * sinks. Between them stands this struct, already decoded. A source keeps what
 * its members point at until the sink returns.
 *
 * Paths are relative to the root, without leading, trailing or double slash,
 * "." or ".."; "" is the root directory itself.  */
#ifndef TAR_MEMBER_H
#define TAR_MEMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "../../init/base/err.h"

enum {
	MEMBER_PATH_MAX = 2048,     /* bytes of a path, with its terminator */
	MEMBER_NAME_MAX = 255,      /* bytes of one name in it */
	MEMBER_DEPTH_MAX = 64,      /* names in a path */
	MEMBER_XATTRS_MAX = 131072, /* bytes of all extended attributes of a member */
};

#define WHITEOUT_PREFIX ".wh."
#define WHITEOUT_OPAQUE ".wh..wh..opq"

enum member_type {
	MEMBER_NONE,
	MEMBER_FILE,
	MEMBER_DIRECTORY,
	MEMBER_SYMLINK,
	MEMBER_HARDLINK, /* to `target`, an earlier member */
	MEMBER_WHITEOUT, /* nothing is at `path` */
	MEMBER_OPAQUE,   /* the directory `path` shows nothing of the image */
	MEMBER_OTHER,    /* device, FIFO, socket: never passed on */
};

/* Extended attributes, ACLs among them, in the kernel's names and bytes, sorted
 * by name. */
struct xattrs {
	size_t n;
	struct xattr {
		const char *name;
		const uint8_t *value;
		size_t len;
	} * at;
};

struct member {
	enum member_type type;
	const char *path;
	const char *target; /* SYMLINK: its text; HARDLINK: a path; else NULL */
	uint32_t mode;      /* permission bits, 07777 */
	uint32_t uid, gid;
	struct timespec mtime;
	uint64_t size; /* FILE: bytes that `data` gives */
	struct xattrs xattrs;
};

/* The bytes of a FILE. read gives at most `len`, 0 at the end, -1 with *e. */
struct member_data {
	ssize_t (*read)(void *ctx, void *buf, size_t len, struct err *e);
	void *ctx;
};

struct sink {
	/* 0 to go on, -1 with *e to end. `data` is read at most once, to any extent. */
	int (*member)(void *ctx, const struct member *m, const struct member_data *data,
	              struct err *e);
	void *ctx;
};

/* "file", "directory" … for messages. */
const char *member_type_name(enum member_type type);

/* Reduces a name from an archive to the form above, into buf[MEMBER_PATH_MAX].
 * 0, or -1 with *e: absolute, "..", too long, too deep, or control characters. */
int member_path(const char *name, size_t len, char *buf, struct err *e);

/* Makes `m` (FILE with an archive's name as path) a WHITEOUT or OPAQUE if its
 * name says so; `path` is m->path, writable. 0, or -1 with *e for a name of that
 * family that means nothing. */
int member_whiteout(struct member *m, char *path, struct err *e);

/* The parent of `path` in `buf` and the last name, pointing into `path`. */
const char *member_split(const char *path, char buf[MEMBER_PATH_MAX]);

/* Whether `path` is `above` or lies below it. */
bool member_is_below(const char *path, const char *above);

#endif
