/* rootcheck: can what the root is on still be read?
 *
 * A file system answers from memory long after its device is gone. So this follows
 * the root down to the devices, through loop devices, device-mapper and partitions,
 * and reads a block of each past the kernel's cache. btrfs, which has no device that is its
 * own, is asked for a block of a file instead; a file system that another machine serves
 * (NFS) is not asked, as who is on one waits for its server. It may sleep for as long as a
 * device does: for a child of PID 1.  */
#ifndef SUPER_ROOTCHECK_H
#define SUPER_ROOTCHECK_H

#include <sys/types.h>

/* Where the kernel's folders are; others in tests. */
struct rootcheck_places {
	const char *sys, *dev; /* "/sys", "/dev" */
};

/* Reads a block of each device that `device` stands on. 0, or the errno value of what
 * could not be read. One that no block device is behind (a tmpfs, a server) is 0. */
int rootcheck_device(const struct rootcheck_places *p, dev_t device);

/* The running machine's root and the images that it is made of. Same returns. */
int rootcheck_run(void);

#endif
