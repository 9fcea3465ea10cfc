/* initramfs: the archive that the kernel unpacks and starts slate-boot from.
 *
 *   init                     slate-boot
 *   bin/busybox, bin/sh      the shell and tools; sbin/modprobe for the kernel
 *   bin/slate-init, slate    for roots that have none of their own
 *   bin/slate-fetch          where a boot goes to the network, and the root's list of
 *                            certificate authorities in etc/ssl/certs
 *   lib/slate/hooks, system  hooks by phase, and the units that slate ships
 *   lib/slate/apparmor       profiles of AppArmor, compiled (--apparmor)
 *   lib/modules/VERSION      the modules that a boot may need, with indexes
 *   lib/firmware             what those modules ask for, as far as it exists
 *   etc/slate/slate.conf     the root's, where it has one
 *   etc/slate/keys/NAME.pub  the key that images must be signed with, if any  */
#ifndef IMAGE_INITRAMFS_H
#define IMAGE_INITRAMFS_H

#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"
#include "plan.h"

struct initramfs {
	size_t modules;    /* in it */
	uint64_t unpacked; /* bytes that it takes then */
};

/* Writes `out` and fills *made. 0 or -1 with *e. */
int initramfs_make(const struct plan *p, const char *out, struct initramfs *made, struct err *e);

#endif
