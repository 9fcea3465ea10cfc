/* tarball: a root directory in a tar archive, packed or not, as `docker export`,
 * mmdebstrap and Alpine's minirootfs have it.
 *
 * libarchive unpacks and reads it; what gzip, xz and zstd did not pack needs the
 * program of that name. The root image is made of the archive itself, through a
 * pipe, so that owners, device nodes and extended attributes stay whoever builds.
 * Only what a build looks at in a root is ever unpacked.  */
#ifndef IMAGE_TARBALL_H
#define IMAGE_TARBALL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../init/base/err.h"
#include "../init/base/span.h"
#include "personal.h"

struct tarball {
	mode_t mode;            /* of the top directory */
	int64_t uid, gid;
	int64_t newest;         /* seconds since 1970, of the newest file in it */
	struct personal personal;
};

enum tarball_part {
	TARBALL_OTHER,          /* of no interest before the machine runs */
	TARBALL_TOP,            /* the top directory itself */
	TARBALL_LIB,            /* lib, a folder or a link to usr/lib */
	TARBALL_MODULES,        /* in the folder of a kernel's modules: that it is there */
	TARBALL_CONTENT,        /* slate.conf, or firmware: copied */
};

/* What the member `name` is; *rest becomes its name below the top. Pure. */
enum tarball_part tarball_part(const char *name, struct span *rest);

/* Whether the link `name` to `target` stays beneath the top whatever other such
 * links there are: relative, with ".." at the front alone, and few enough. Pure. */
bool tarball_link_is_inside(struct span name, const char *target);

/* Reads the whole archive and puts what a build looks at below the folder `to`,
 * which is there. 0, or -1 with *e: damaged, cut short, nothing in it. */
int tarball_look(const char *path, const char *to, struct tarball *found, struct err *e);

/* Writes the unpacked archive to `out`. 0, or -1 with *e. */
int tarball_pour(const char *path, int out, struct err *e);

#endif
