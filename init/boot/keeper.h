/* keeper: processes that slate-boot leaves behind, for what the medium still needs.
 *
 * One copies the images to memory after the boot (toram=lazy), and does what
 * slate.onyank= says when the medium disappears; one keeps the connection to a server of
 * NBD (nbdkeeper.h). They run slate-boot's own code, which lies in memory, and belong to
 * no unit, so that they serve every init alike; their end is reaped by process 1.  */
#ifndef BOOT_KEEPER_H
#define BOOT_KEEPER_H

#include "boot.h"

/* Starts those that have anything to do; / is the new root by now. Never fails: what
 * can't be done is in b->degraded. */
void keeper_start(struct boot *b);

#endif
