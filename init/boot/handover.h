/* handover: leaves the initramfs for the new root and becomes its init. */
#ifndef BOOT_HANDOVER_H
#define BOOT_HANDOVER_H

#include "boot.h"

/* Does not return when it works. -1 with *e: either nothing was moved yet, or no
 * init of the new root could be executed (it is / by then). */
int handover_run(struct boot *b, struct err *e);

#endif
