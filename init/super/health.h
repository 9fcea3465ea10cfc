/* health: the machine's watchdog is fed as long as the machine is well.
 *
 * Well is: PID 1 gets through whole turns of its loop, the root can be read from its
 * medium (a child reads it, each time), and no unit of slate.critical= has been gone
 * for longer than HEALTH_GRACE_S. What is wrong is told once; when nothing changes,
 * the hardware restarts the machine. The end of the machine is given a limit of its
 * own, and a machine that is to stay off or to start another kernel is not watched.  */
#ifndef SUPER_HEALTH_H
#define SUPER_HEALTH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../base/watchdog.h"
#include "loop.h"
#include "shutdown.h"

struct manager;

enum { HEALTH_GRACE_S = 5, HEALTH_END_S = 60 };

struct health {
	struct watchdog dog;
	struct deadline tick;   /* the next look */
	pid_t probe;            /* the child that reads the root; 0: none */
	uint64_t probe_us;      /* it began */
	bool due;               /* all was well in this turn: feed at its end */
	char sick[300];         /* what holds it back, told; empty: nothing does */
	uint64_t missing_us;    /* since when a critical unit is gone; 0: none is */
	bool told_unknown;      /* a critical unit that there is not */
};

/* `fd`: what slate-boot or the slate-init before left open, or -1. Without a watchdog
 * nothing happens here, ever; health_look tries again. */
void health_open(struct manager *m, int fd);

/* The boot is over, and its drivers are in: a watchdog may be there now. */
void health_look(struct manager *m);

/* At the end of each turn. */
void health_turn(struct manager *m);

/* True: `pid` was the child that reads the root. */
bool health_reaped(struct manager *m, pid_t pid, int status);

/* The descriptor for the next slate-init, left open over an exec, or -1.
 * Async-signal-safe. */
int health_keep(struct manager *m);

/* What is still to be done has HEALTH_END_S. */
void health_bound(struct manager *m);

/* reboot(2) follows: a machine that stays off, or that a new kernel takes over, is
 * not watched any more. */
void health_end(struct manager *m, enum shutdown_kind kind);

#endif
