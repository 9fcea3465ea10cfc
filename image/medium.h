/* medium: the disk image that a machine boots from.
 *
 * A GPT whose first partition, named and labelled SLATE, is the medium, FAT or
 * ext4, made without being root. The MiB before the second is a partition for GRUB
 * on BIOS. A FAT medium has the type that UEFI looks for and holds GRUB for it; before
 * an ext4 medium lies a small FAT that does. The medium is the last on the disk, so
 * that it can grow: one of FAT with `--grow` has tables for much more.
 *
 *   slate/root.squashfs              the root image; modules.squashfs beside it
 *   slate/slate.conf                 slate.image=, where there are several images
 *   slate/saved/NAME/slot-N.apkovl.tar.gz   zeros, written out, each in one piece
 *   boot/, EFI/                      unless another starts the kernel: see grub.h  */
#ifndef IMAGE_MEDIUM_H
#define IMAGE_MEDIUM_H

#include "../init/base/err.h"
#include "fat.h"
#include "plan.h"

enum { MEDIUM_BIOS_MIB = 1, MEDIUM_START_MIB = 2, MEDIUM_END_MIB = 1, MEDIUM_ESP_MIB = 16 /* and what is in it */ };

/* Puts plan->work/`name` into `folder` of plan->work/medium, the tree as it will lie on the
 * medium, by a hard link: nothing is copied. */
int medium_link(const struct plan *p, const char *folder, const char *name, struct err *e);

/* Puts the images and the settings into plan->work/medium/slate. */
int medium_stage(const struct plan *p, struct err *e);

/* Settles plan->medium by the images in plan->work: FAT, where nobody said another,
 * or ext4 where FAT can't hold one of them. -1 with *e: FAT was asked for and can't. */
int medium_choose(struct plan *p, struct err *e);

/* Copies what UEFI is to start, from plan->work/esp, to the top of `to`. */
int medium_copy_esp(const struct plan *p, const struct fat *to, struct err *e);

/* Writes `out` from the images in plan->work. 0 or -1 with *e. */
int medium_make(const struct plan *p, const char *out, struct err *e);

/* How large disk.img becomes when nobody says: room for the slots, twice the
 * images (an update lies beside what it replaces) and some more, in MiB. */
uint64_t medium_size_mib(uint64_t images_bytes, uint64_t slots_bytes);

#endif
