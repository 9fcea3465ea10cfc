/* shim: the boot loaders for UEFI that start with Secure Boot switched on.
 *
 * PCs trust Microsoft's keys. Microsoft has signed Debian's shim, that trusts Debian's
 * GRUB, and that starts Debian's kernels and no others: boot/vmlinuz is checked so, the
 * initramfs and the menu are not. GRUB comes in the form that is made for CDs: it reads
 * boot/grub/grub.cfg of the file system that it was itself started from.
 *
 *   EFI/BOOT/BOOTX64.EFI    shim, which the firmware starts
 *   EFI/BOOT/grubx64.efi    GRUB, which shim starts
 *   EFI/BOOT/mmx64.efi      what lets whoever sits there have shim trust another key  */
#ifndef IMAGE_SHIM_H
#define IMAGE_SHIM_H

#include <stdbool.h>
#include <stddef.h>

#include "../init/base/err.h"
#include "plan.h"

/* Are they on this machine: in build/loaders, or as its packages have installed them? */
bool shim_is_there(const struct plan *p);

/* Puts them into plan->work/esp. `early`: lines for GRUB, which find the file system that
 * the menu is on; NULL: it is the same one. 0, or -1 with *e. */
int shim_stage(const struct plan *p, const char *early, struct err *e);

/* Does the medium start on a PC with Secure Boot: they are there, and somebody has signed
 * the kernel? */
bool shim_starts(const struct plan *p);

#endif
