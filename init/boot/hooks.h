/* hooks: the scripts of the initramfs' phases, with what the boot knows. */
#ifndef BOOT_HOOKS_H
#define BOOT_HOOKS_H

#include "boot.h"

/* Runs the scripts of `phase` in /etc/slate/hooks and /lib/slate/hooks, and, once
 * there is a new root, in its etc/slate/hooks and usr/lib/slate/hooks. One that
 * fails or hangs is recorded as degraded, and the next runs. */
void hooks_run(struct boot *b, const char *phase);

#endif
