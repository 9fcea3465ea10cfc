/* layer: the tmpfs overlay that lies on the pristine root. */
#ifndef BOOT_LAYER_H
#define BOOT_LAYER_H

#include "boot.h"

/* The mount options of the tmpfs from overlay= ("tmpfs", "tmpfs:size=50%,inodes=N")
 * and overlaytmpfsflags=. 0, or -1 with *e: another type, or too long. */
int layer_options(const struct settings *s, char *options, size_t size, struct err *e);

/* Memory that the overlay leaves to programs however large it is asked to be: what
 * `slate save` needs, and some services beside it. */
#define LAYER_RESERVE ((uint64_t)32 << 20)

/* The bytes that the tmpfs may take of `total` where `asked` are wanted (0: all). Pure. */
uint64_t layer_limit(uint64_t asked, uint64_t total);

/* Mounts PATH_ROOT with an empty tmpfs above it on PATH_SYSROOT and opens
 * b->sysroot; what was there before is dropped. 0, or -1 with *e. */
int layer_make(struct boot *b, struct err *e);

#endif
