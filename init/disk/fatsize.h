/* fatsize: how large a FAT32 file system is, and may become.
 *
 * The number of its sectors stands in its first one; its tables can be longer than what
 * they describe, and then another number is all it takes to grow (Microsoft's FAT
 * specification of 2000: BPB_TotSec32, BPB_FATSz32).  */
#ifndef DISK_FATSIZE_H
#define DISK_FATSIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"

#define FATSIZE_BOOT 512 /* bytes of the first sector that are looked at */

struct fatsize {
	uint32_t sector;   /* bytes */
	uint32_t cluster;  /* bytes */
	uint64_t sectors;  /* it has */
	uint64_t most;     /* sectors that its tables could describe */
	uint64_t tables;   /* first sector of the first table */
	uint32_t n_tables, table_sectors;
	uint64_t data;     /* first sector of the clusters */
	uint32_t info, backup; /* sectors of its counters and of the copy of the first; 0: none */
};

/* Reads the first sector. True: of FAT32, and its numbers make sense. Pure. */
bool fatsize_decode(const uint8_t boot[FATSIZE_BOOT], struct fatsize *out);

/* Clusters of a file system of `sectors`. Pure. */
uint64_t fatsize_clusters(const struct fatsize *f, uint64_t sectors);

/* Gives the unmounted file system that begins at byte `at` of `fd` as much of `room` bytes
 * as its tables can describe: less than before is what a new, empty one can be given.
 * A power cut leaves the one size or the other. 1: changed; 0: it is as large as it can
 * be, by less than a MiB, or no FAT32; -1 with *e. */
int fatsize_set(int fd, uint64_t at, uint64_t room, struct err *e);

/* The same answer, and nothing is changed. */
int fatsize_could_set(int fd, uint64_t at, uint64_t room, struct err *e);

#endif
