/* target: what an image is to be written to: a disk, or a file of enough size. */
#ifndef IMAGE_TARGET_H
#define IMAGE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "../init/base/err.h"

struct target {
	const char *path;       /* as given, borrowed */
	int fd;                 /* owned; target_close */
	bool device;            /* a block device, else a file */
	uint64_t size;          /* bytes */
	int sector;             /* bytes, as its partition table counts */
	char model[128];        /* "": unknown */
};

/* Opens it for reading and writing. -1 with *e when it is a partition, in use, or
 * fixed in the machine, unless `force`; or neither a disk nor a file. */
int target_open(struct target *t, const char *path, bool force, struct err *e);

/* Writes everything out, and makes the next reads come from the device itself. */
int target_flush(const struct target *t, struct err *e);

/* Makes the kernel see the new partitions, where it can. */
void target_reread(const struct target *t);

void target_close(struct target *t);

/* Is a disk with this folder in /sys/devices and this "removable" one that people
 * plug in? Those on USB and card readers call themselves fixed often. */
bool target_is_pluggable(const char *folder, bool removable);

#endif
