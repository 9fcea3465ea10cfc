/* degraded: what this machine runs without, said once and kept for the user.
 *
 * /run/slate/degraded holds one line a thing ("restore: slot-2 is damaged
 * (digest does not match); generation 41 was restored"). `slate status` and the
 * login message show it. No file: nothing is degraded.  */
#ifndef BASE_DEGRADED_H
#define BASE_DEGRADED_H

#include "err.h"

/* Appends a line to `path` (PATH_DEGRADED but in tests). 0 or -1 with *e. */
int degraded_add(const char *path, const char *text, struct err *e);

#endif
