/* iso: the medium as a hybrid ISO image: for a CD, a stick, or a file on another
 * medium. It can't be written to, so it has no places for saved configuration.  */
#ifndef IMAGE_ISO_H
#define IMAGE_ISO_H

#include "../init/base/err.h"
#include "plan.h"

/* Writes `out` from the images in plan->work. 0 or -1 with *e. */
int iso_make(const struct plan *p, const char *out, struct err *e);

#endif
