/* final: the last steps, after which there is no user space: every process is
 * told to end and then killed, file systems are unmounted or read-only, data is
 * on the disks, reboot(2).
 *
 * Blocks, in bounded time: nothing else is left to be served. What may hang (a
 * dead medium) happens in a child that is left behind.  */
#ifndef SUPER_FINAL_H
#define SUPER_FINAL_H

#include "shutdown.h"

/* SIGTERM, then SIGKILL, for every process but this one. Only as PID 1. */
void final_kill(struct manager *m);

/* Unmounts what can be, makes the rest read-only, writes everything out. */
void final_unmount(struct manager *m);

/* Returns only where the kernel refuses. */
void final_reboot(struct manager *m, enum shutdown_kind kind);

#endif
