/* copying: the images of a mounted root are copied to memory, and put there under it.
 *
 * For a process beside PID 1: it reads from the medium for as long as that takes, and
 * waits for ever where the medium does.  */
#ifndef BOOT_COPYING_H
#define BOOT_COPYING_H

#include "boot.h"

struct copying {
	int medium;             /* its top directory, borrowed */
	const struct root *root;
	/* Told of each piece; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t whole);
	void *ctx;
};

/* Copies all images, checks each that has a manifest by its hash tree, reads what is
 * damaged once more, and puts the copies under the loop devices: all or none, as far
 * as the kernel lets. 0, or -1 with *e: the medium is still needed. */
int copying_run(const struct copying *c, struct err *e);

#endif
