/* grub: what makes a medium start by itself, on BIOS and on UEFI.
 *
 * GRUB's own programs come from the machine that builds (Debian's grub-common,
 * grub-pc-bin, grub-efi-amd64-bin); nothing of that machine's own boot loader is
 * touched. All modules that are needed lie inside the program, so a medium holds
 * no folder of them:
 *
 *   boot/vmlinuz, boot/initramfs.img
 *   boot/grub/grub.cfg        the menu
 *   boot/grub/loopback.cfg    of an ISO: the menu for who starts it as a file  */
#ifndef IMAGE_GRUB_H
#define IMAGE_GRUB_H

#include <stdint.h>

#include "../init/base/err.h"
#include "plan.h"

#define GRUB_SECTOR   512
#define GRUB_BOOT_IMG "/usr/lib/grub/i386-pc/boot.img"
#define GRUB_HYBRID   "/usr/lib/grub/i386-pc/boot_hybrid.img" /* the first sector of an ISO on a stick */
#define GRUB_EFI_MAX_MIB 8 /* more than the programs for UEFI ever take */

/* Is GRUB for both on this machine? -1 with *e names the packages. */
int grub_check(struct err *e);

/* Puts the kernel, the initramfs and the menu into plan->work/medium/boot, and
 * the programs for UEFI, signed ones where they are there (shim.h), into plan->work/esp.
 * `uuid`: of the ISO that all
 * of it will be on; NULL: a disk, whose first partition it is. */
int grub_stage(const struct plan *p, const char *uuid, struct err *e);

/* Makes the program for BIOS of an ISO, plan->work/medium/boot/grub/eltorito.img. */
int grub_stage_bios(const struct plan *p, const char *uuid, struct err *e);

/* Writes GRUB for BIOS into a disk image that has its partition table: into the
 * first sector, and into the partition of `room` bytes at `start`. */
int grub_install_bios(const struct plan *p, const char *disk, uint64_t start, uint64_t room,
                      struct err *e);

/* Joins boot.img with the first sector of a disk, whose table and signature stay,
 * to start what lies at the sector `at`; and tells the first sector of that where
 * its next one is. */
void grub_patch(unsigned char boot[static GRUB_SECTOR], const unsigned char old[static GRUB_SECTOR],
                unsigned char core[static GRUB_SECTOR], uint64_t at);

#endif
