/* zram: swap in compressed memory, for machines that have little.
 *
 * What lies untouched in the overlay's tmpfs, in images in memory and in sleeping
 * programs then takes a third or so. The pages stay in memory: a device that writes
 * to a disk (backing_dev) is never used, nor is any other swap. Where the kernel has no
 * zram, there is none; the keys of saved configuration are in a ramfs and never swapped. */
#ifndef BOOT_ZRAM_H
#define BOOT_ZRAM_H

#include <stddef.h>
#include <stdint.h>

#include "boot.h"

#define ZRAM_PRIORITY 100 /* before any other that somebody adds */

/* A stage: sets it up as slate.zram= says. 0; STAGE_WAS_SKIPPED; -1 with *e: what was
 * asked for can't be had. */
int zram_run(struct boot *b, struct err *e);

/* The bytes that slate.zram= comes to on a machine with `total` of memory; 0: none.
 * -1 with *e: the setting can't be read. */
int zram_size(const char *setting, uint64_t total, uint64_t *bytes, struct err *e);

/* Fills the first page of a swap area of `bytes`, as mkswap(8) does. */
void zram_header(uint8_t *page, size_t page_size, uint64_t bytes);

#endif
