/* conditions: whether a unit may start: its Condition…= and Assert…= settings.
 *
 * Looking at them means looking at files, which may hang on a dead network mount:
 * then a child of the service's own does it. What the system itself lies on, and
 * the kernel's file systems, are looked at in place: without them nothing could be
 * executed either. So are a target's few, which has no process.  */
#ifndef SUPER_CONDITIONS_H
#define SUPER_CONDITIONS_H

#include "live.h"

enum conditions_status { CONDITIONS_HOLD, CONDITIONS_SKIP, CONDITIONS_FAIL }; /* exit statuses */

/* True when nothing that the conditions look at can hang. */
bool conditions_are_quick(const struct unit *u);

/* The child's process id; -1 with errno. It says in the unit's log what is unmet
 * and exits with a conditions_status. */
pid_t conditions_spawn(struct live *v);

/* In place. `why` says what is unmet. */
enum conditions_status conditions_look(const struct live *v, char *why, size_t size);

#endif
