/* search: waits for the block device that a setting means.
 *
 * Events drive it: each device is probed when the kernel announces it, drivers are
 * loaded while none matches, and then what later stages need. After two seconds a
 * countdown is shown, which a key ends.  */
#ifndef BOOT_SEARCH_H
#define BOOT_SEARCH_H

#include "boot.h"

/* The device that b->wanted means, of b->devices (valid until the next event), or
 * NULL when `rootwait=` is over. Several that match are told, as `option` and
 * `asked` ("root=", "LABEL=SLATE"); the one that the firmware started from is
 * taken, else the first. */
const struct device *search_run(struct boot *b, const char *option, const char *asked);

#endif
