/* gpt: a partition table on a disk that is larger than the image it came from.
 *
 * An image ends where its last partition does, a stick does not: written to one,
 * the table's backup stands in the middle, and the room behind it is in no table
 * (UEFI 2.10, 5.3). Sectors have 512 bytes. Numbers of the table are checked, as
 * they come from the image.  */
#ifndef DISK_GPT_H
#define DISK_GPT_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"

#define GPT_SECTOR      512
#define GPT_ENTRIES_MAX 65536 /* bytes of the entries */

struct gpt {
	uint64_t backup;        /* sector of the other header */
	uint64_t entries;       /* first sector of the entries */
	uint32_t entries_size;  /* bytes: whole sectors */
	uint32_t entry_size;    /* bytes of each */
};

struct gpt_part {
	uint64_t start, sectors;
};

/* Reads the first header. True: it is one, and whole. Pure. */
bool gpt_decode(const uint8_t header[GPT_SECTOR], struct gpt *out);

/* Makes of `header` the one at `here` on a disk of `sectors`, whose entries begin at
 * `entries`, with the checksum anew. Pure. */
void gpt_place(uint8_t header[GPT_SECTOR], const struct gpt *g, uint64_t here, uint64_t entries,
               uint64_t sectors);

/* Moves the backup to the end of the disk `fd` of `size` bytes. At each moment one of
 * the two tables is whole. 1: moved; 0: no such table, or it is at the end; -1 with *e. */
int gpt_move_backup(int fd, uint64_t size, struct err *e);

/* Where the partition `number`, counted from 1, of the disk `fd` of `size` bytes is. 1; 0:
 * there is no such table or partition; -1 with *e. */
int gpt_find(int fd, uint64_t size, unsigned number, struct gpt_part *part, struct err *e);

/* Lets the partition `number`, counted from 1, end where the disk `fd` of `size` bytes
 * does, at a whole MiB, and moves the backup. The new entries go beside the old ones, so
 * that one sector says which hold, and a power cut leaves the one table or the other.
 * Fills *part: where the partition is then. 1: it was lengthened; 0: there is no such
 * table or partition, another lies behind it, or less than a MiB is free; -1 with *e. */
int gpt_grow(int fd, uint64_t size, unsigned number, struct gpt_part *part, struct err *e);

#endif
