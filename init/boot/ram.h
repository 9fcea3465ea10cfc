/* ram: is there memory enough to start this machine?
 *
 * Asked once, before drivers and images take theirs: a kernel that runs out of it kills
 * programs, or panics, and nobody learns why. What kernel and initramfs have taken by
 * then differs from one to another, so what counts is what is left.  */
#ifndef BOOT_RAM_H
#define BOOT_RAM_H

#include "../base/meminfo.h"
#include "boot.h"

/* A stage. 0, or -1 with *e: too little is left. */
int ram_check(struct boot *b, struct err *e);

/* Says what can be done about it. */
void ram_explain(const struct boot *b);

/* The same of a machine with `m`. 0, or -1 with *e. Pure. */
int ram_is_enough(const struct meminfo *m, struct err *e);

#endif
