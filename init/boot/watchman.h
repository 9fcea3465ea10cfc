/* watchman: feeds the machine's watchdog while slate-boot gets on with its work.
 *
 * A boot waits in many places, for devices, children, servers, somebody's key, and
 * each of these waits ends by itself. So the boot counts as well while its thread
 * sleeps in such a wait or has made system calls that slept since the last look;
 * one that spins, or lies in a call that nothing ends, is not fed for longer than
 * WATCHMAN_STUCK_S. A thread of its own looks, as a process could outlive the
 * hand-over: the exec of the new init ends it.  */
#ifndef BOOT_WATCHMAN_H
#define BOOT_WATCHMAN_H

#include "../base/span.h"
#include "boot.h"

enum { WATCHMAN_STUCK_S = 10 };

/* What /proc/PID/status says of a thread. */
struct watchman_look {
	char state;       /* 'S', 'D', 'R', … */
	uint64_t waits;   /* how often it gave the processor away by itself */
};

/* False: the text is not what the kernel writes. */
bool watchman_decode(struct span status, struct watchman_look *look);

/* Is the thread at work without getting on, from one look to the next? */
bool watchman_is_stuck(const struct watchman_look *before, const struct watchman_look *now);

/* Opens the watchdog and starts to feed it, where slate.watchdog= wants one, there is
 * one and none is fed yet. What can't be is told; the boot goes on. */
void watchman_start(struct boot *b);

/* A try to execute a new init follows. One that takes it over (slate-init) gets the
 * descriptor, which stays open over the exec: returned, or -1. For another init the
 * watchdog is stopped, as nobody would feed it. */
int watchman_hand_over(struct boot *b, bool takes_over);

/* It is not fed any more: a restart that hangs is then its affair. */
void watchman_stop(void);

#endif
