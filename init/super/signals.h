/* signals: what PID 1 is told by signals: BusyBox's, systemd's and the kernel's.
 *
 * All are blocked and read from a descriptor, so none can interrupt or end it.
 * See bootup(7), systemd(1) "Signals" and BusyBox's init.  */
#ifndef SUPER_SIGNALS_H
#define SUPER_SIGNALS_H

#include "../base/err.h"

struct manager;

/* Blocks every signal and adds the descriptor to the loop. -1 with *e. */
int signals_open(struct manager *m, struct err *e);

/* Reaps every child that has ended and tells their units; a bounded number in
 * one go, m->reap_more says when there are more. */
void signals_reap(struct manager *m);

#endif
