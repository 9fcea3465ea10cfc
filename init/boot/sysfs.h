/* sysfs: what /sys says about devices that were there before the first event. */
#ifndef BOOT_SYSFS_H
#define BOOT_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

#include "aliases.h"
#include "uevent.h"

/* Calls found(ctx, name below /dev, is it a partition) for each block device. */
void sysfs_blocks(void (*found)(void *ctx, const char *name, bool partition), void *ctx);

/* Bytes of the block device `name` (below /dev), 0 when it has no medium. */
uint64_t sysfs_block_size(const char *name);

struct sysfs_part {
	unsigned number; /* counted from 1 */
	uint64_t end;    /* byte of the disk behind it */
	char disk[DEVICE_NAME_MAX]; /* below /dev */
};

/* Is the block device `name` a partition? */
bool sysfs_partition(const char *name, struct sysfs_part *out);

/* Adds the modalias of every device on the busses that may lead to a medium: at
 * first on the one where nearly every controller is, else on all the others, which
 * takes ten times as long. */
void sysfs_aliases(struct aliases *into, bool first);

#endif
