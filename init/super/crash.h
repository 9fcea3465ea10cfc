/* crash: PID 1 goes on after a fault in itself.
 *
 * The kernel would panic when PID 1 ends. A handler for SIGSEGV and its like says
 * what happened, writes the units' state down and executes this program again;
 * the services run on meanwhile and are taken over. A fault in the handler, too,
 * means an exec without state; faults again and again mean a restart of the
 * machine. A signal that another process sends is no fault and does nothing.  */
#ifndef SUPER_CRASH_H
#define SUPER_CRASH_H

#include "../base/err.h"

struct manager;

/* `m` must live as long as the process. */
void crash_guard(struct manager *m);

/* Executes this program again with the state as it is. Returns only if it fails. */
void crash_replace(struct manager *m);

/* After such an exec: takes over what `fd` says. Closes fd. The goals' units must
 * be loaded. */
void crash_recover(struct manager *m, int fd);

/* How many times in a row that was, from our arguments; *fd is the state's, or -1. */
int crash_arguments(int argc, char **argv, int *fd);

#endif
