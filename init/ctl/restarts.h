/* restarts: how often in a row the machine has restarted itself, counted on its medium.
 *
 * For whoever restarts a machine because something does not come up, and must not go on
 * with that for ever: the count outlasts the restarts, and whoever sees that all is well
 * again begins it anew (`slate restarts --forget`).  */
#ifndef CTL_RESTARTS_H
#define CTL_RESTARTS_H

#include <stdint.h>

#include "../base/err.h"

/* Counts one more. 0, or -1 with *e: there were `limit` in a row already, or the medium
 * can't keep the count. */
int restarts_take(uint64_t limit, struct err *e);

#endif
