/* programs: slate's own programs, units and hooks for a root that has none.
 *
 * They stay where they are in the initramfs and are shown at PATH_BIN and
 * PATH_SHIPPED, which costs neither a copy nor more memory.  */
#ifndef BOOT_PROGRAMS_H
#define BOOT_PROGRAMS_H

#include <sys/types.h>

#include "boot.h"

#define PROGRAMS_MAX 10

struct programs {
	ino_t kept[PROGRAMS_MAX]; /* inodes of the initramfs that are in use from now on */
	size_t n;
};

/* Shows what the root `b->sysroot` lacks. What fails is told; the boot goes on. */
void programs_lend(const struct boot *b, struct programs *p);

#endif
