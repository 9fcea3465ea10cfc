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

/* What whoever executed this program hands over, in its arguments. */
struct handed {
	int crashes;  /* in a row, before this run */
	int state;    /* descriptor for crash_recover; -1: none */
	int watchdog; /* descriptor of the open watchdog; -1: none */
};

void crash_arguments(int argc, char **argv, struct handed *out);

#endif
