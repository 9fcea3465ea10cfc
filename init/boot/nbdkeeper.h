/* nbdkeeper: connects to the server of an NBD root again when the connection has died, so
 * that reads wait for a server that starts anew, and go on.
 *
 * For a process of its own (keeper.h): the root is dead while it works, so it needs
 * nothing of it, and its memory is locked.  */
#ifndef BOOT_NBDKEEPER_H
#define BOOT_NBDKEEPER_H

#include "boot.h"

/* Whether the medium is one that a server of NBD has. */
bool nbdkeeper_is_wanted(const struct boot *b);

/* Returns only where nothing can be kept; b->degraded says why. */
void nbdkeeper_run(struct boot *b);

#endif
