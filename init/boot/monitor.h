/* monitor: the kernel's messages about devices, as they happen.
 *
 * A netlink socket that is opened before /sys is read, so that a device is seen
 * at least once. Only messages of the kernel itself are believed.  */
#ifndef BOOT_MONITOR_H
#define BOOT_MONITOR_H

#include "uevent.h"

enum monitor_result {
	MONITOR_NONE,  /* nothing is waiting */
	MONITOR_EVENT, /* *out is filled */
	MONITOR_LOST,  /* the kernel dropped messages: read /sys again */
};

/* Returns a descriptor that the caller owns and may poll, or -1 with *e. */
int monitor_open(struct err *e);

/* Never blocks. Messages of others and undecodable ones are skipped.
 * Returns an enum monitor_result, or -1 with *e. */
int monitor_read(int fd, struct uevent *out, struct err *e);

#endif
