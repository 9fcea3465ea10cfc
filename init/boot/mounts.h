/* mounts: mounting, with the type always named and the flags always explicit. */
#ifndef BOOT_MOUNTS_H
#define BOOT_MOUNTS_H

#include "../base/err.h"

/* Mounts through libmount; makes `target` when it is not there. `options` as in
 * fstab. 0, or -1 with *e naming both and what the kernel said. */
int mounts_mount(const char *source, const char *target, const char *fstype, const char *options,
                 struct err *e);

/* /dev, /proc, /sys and /run of the initramfs. */
int mounts_api(struct err *e);

/* Makes the read-only tree at `from` visible at `to` too, where programs may be
 * executed and device nodes work: it is to be a root. */
int mounts_bind_root(const char *from, const char *to, struct err *e);

#endif
