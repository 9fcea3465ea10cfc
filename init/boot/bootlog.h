/* bootlog: what the boot found and how long each stage took, as PATH_BOOT_JSON. */
#ifndef BOOT_BOOTLOG_H
#define BOOT_BOOTLOG_H

#include "boot.h"

/* A stage that still runs counts as done now. 0, or -1 with *e. */
int bootlog_write(const struct boot *b, struct err *e);

#endif
