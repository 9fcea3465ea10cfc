/* meminfo: how much memory the machine has, and what of it is in use (proc(5)). */
#ifndef BASE_MEMINFO_H
#define BASE_MEMINFO_H

#include <stdint.h>

#include "err.h"
#include "span.h"

/* Bytes that must be available for a boot to go on. With 5 MiB left at the start of
 * slate-boot the demo came up, with 3 the kernel panicked; larger drivers of media than
 * its own take some more. */
#define MEMINFO_NEEDED ((uint64_t)8 << 20)

/* Bytes. */
struct meminfo {
	uint64_t total;     /* that the kernel manages: its own code is not in it */
	uint64_t available; /* that can be had without swapping */
	uint64_t shmem;     /* in files of tmpfs, and shared */
	uint64_t swap_total, swap_free;
};

/* What the text of /proc/meminfo says; 0 where it says nothing. */
void meminfo_decode(struct span text, struct meminfo *m);

/* 0, or -1 with *e and all 0. */
int meminfo_read(struct meminfo *m, struct err *e);

#endif
