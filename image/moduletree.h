/* moduletree: lib/modules/VERSION of an initramfs, with just the modules that it is to hold.
 *
 * Each module is compressed by itself (gzip), so that it takes a third of the memory
 * when the kernel unpacks the initramfs, and only what is loaded is ever inflated; but
 * for those that every boot loads, which the kernel unpacks faster with the rest. The
 * names stay .ko: libkmod and BusyBox's modprobe go by a file's first bytes, and
 * Debian's depmod, which can't read gzip, has made the indexes before.  */
#ifndef IMAGE_MODULETREE_H
#define IMAGE_MODULETREE_H

#include "../init/base/err.h"
#include "modules.h"

/* Copies the chosen modules from `dir` to `base`/lib/modules/VERSION and makes indexes
 * for just these with depmod. 0 or -1 with *e. */
int moduletree_make(const char *dir, const char *version, const struct modules_chosen *chosen,
                    const char *base, struct err *e);

#endif
