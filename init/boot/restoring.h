/* restoring: the stage that puts saved configuration into the new root. */
#ifndef BOOT_RESTORING_H
#define BOOT_RESTORING_H

#include "boot.h"

/* 0; STAGE_WAS_SKIPPED when it is not wanted; -1 with *e when no root could be
 * made. What could not be restored is in PATH_DEGRADED. */
int restoring_run(struct boot *b, struct err *e);

#endif
