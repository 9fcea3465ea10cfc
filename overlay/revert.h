/* revert: puts a path of the running system back as it was last saved, or, where
 * the newest generation knows nothing of it, as the image has it.
 *
 * Everything goes through the merged root, so the overlay stays consistent; what
 * ends up equal to the image is not saved again.  */
#ifndef OVERLAY_REVERT_H
#define OVERLAY_REVERT_H

#include "../init/base/err.h"
#include "generations.h"
#include "layer.h"

enum revert_source { REVERT_NONE, REVERT_TO_IMAGE, REVERT_TO_GENERATION };

/* `saved`: the newest generation, validated; NULL: there is none. `path` as members
 * have it. Returns what it was put back to, or -1 with *e: part of it may be. */
int revert(const struct layer *l, const struct archive *saved, const char *path, struct err *e);

#endif
