/* root: makes file system images of directories, squashfs or erofs, or of an
 * archive, squashfs.
 *
 * A squashfs depends on the directory alone: no time of building is in it (an
 * erofs holds one, unless SOURCE_DATE_EPOCH is set). Extended attributes are
 * kept. Made by another user than root, everything in it belongs to root, as a
 * user's own numbers mean nothing on the machine. Other file systems that are
 * mounted below the directory stay out, and what belongs to one machine alone
 * (personal.h). Of an archive everything stays as it is there, owners too.  */
#ifndef IMAGE_ROOT_H
#define IMAGE_ROOT_H

#include <stdbool.h>

#include "../init/base/err.h"
#include "plan.h"

/* Writes the root's image to `out`, with a progress bar when `show`. 0 or -1 with *e. */
int root_make(struct plan *p, const char *out, bool show, struct err *e);

/* Writes an image to `out` that holds the kernel's modules where the root's own
 * layout (lib a link to usr/lib, or not) has them. 0 or -1 with *e. */
int root_make_modules(const struct plan *p, const char *out, struct err *e);

#endif
