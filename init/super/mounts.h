/* mounts: the kernel's file systems, for a machine or container where nobody
 * mounted them before PID 1 was started.  */
#ifndef SUPER_MOUNTS_H
#define SUPER_MOUNTS_H

#include <stdbool.h>

#include "../base/report.h"

/* /proc, /sys, /dev, /dev/pts, /dev/shm, /run, control groups, /tmp: what is
 * missing. What can't be mounted is told to `report`, and life goes on. */
void mounts_make(const struct report *report);

/* The host's name from /etc/hostname where the kernel has none, the loopback
 * interface up, Ctrl-Alt-Del to this process. */
void mounts_machine(const struct report *report, bool in_container);

#endif
