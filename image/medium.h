/* medium: the disk image that a machine boots from.
 *
 * A GPT with one partition, named and labelled SLATE, FAT or ext4, made without
 * being root. It begins at 2 MiB: the first MiB after the table is where a boot
 * loader for BIOS goes. A FAT partition has the type that UEFI looks for.
 *
 *   slate/root.squashfs              the root image; modules.squashfs beside it
 *   slate/slate.conf                 slate.image=, where there are several images
 *   slate/saved/NAME/slot-N.apkovl.tar.gz   zeros, written out, each in one piece  */
#ifndef IMAGE_MEDIUM_H
#define IMAGE_MEDIUM_H

#include "../init/base/err.h"
#include "plan.h"

enum { MEDIUM_START_MIB = 2, MEDIUM_END_MIB = 1 };

/* Writes `out` from the images in plan->work. 0 or -1 with *e. */
int medium_make(const struct plan *p, const char *out, struct err *e);

/* How large disk.img becomes when nobody says: room for the slots, twice the
 * images (an update lies beside what it replaces) and some more, in MiB. */
uint64_t medium_size_mib(uint64_t images_bytes, uint64_t slots_bytes);

#endif
