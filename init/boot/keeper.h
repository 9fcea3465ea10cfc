/* keeper: a process that slate-boot leaves behind, for what the medium still needs.
 *
 * It copies the images to memory after the boot (toram=lazy), and does what
 * slate.onyank= says when the medium disappears. It runs slate-boot's own code, which
 * lies in memory, and belongs to no unit, so that it serves every init alike; its end
 * is reaped by process 1.  */
#ifndef BOOT_KEEPER_H
#define BOOT_KEEPER_H

#include "boot.h"

/* Starts it if there is anything to do; / is the new root by now. Never fails: what
 * can't be done is in b->degraded. */
void keeper_start(struct boot *b);

#endif
