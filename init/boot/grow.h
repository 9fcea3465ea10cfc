/* grow: gives the medium the whole of its disk, where slate.grow asks for it.
 *
 * An image written to a stick leaves the rest of it in no partition. The partition is
 * made longer where it is the last on a GPT, then FAT32 as far as its tables go
 * (`slate image build --grow` makes long ones), or ext4 by the kernel. Each step leaves
 * a whole medium behind, whatever interrupts it, and the next boot does what is left.  */
#ifndef BOOT_GROW_H
#define BOOT_GROW_H

#include "boot.h"

/* The stage: the medium is mounted, and nothing on it is in use yet. -1 with *e: it stays
 * as large as it is. */
int grow_run(struct boot *b, struct err *e);

/* Is a file system of `has` bytes so much smaller than its device of `room` that growing
 * it is worth while? What ext4 keeps for itself counts as missing. Pure. */
bool grow_is_worth(uint64_t has, uint64_t room);

#endif
