/* watchdog: the timer in the hardware that restarts the machine unless it is fed.
 *
 * The kernel's API of /dev/watchdog (Documentation/watchdog/watchdog-api.rst). The
 * device can be open once, so its descriptor goes from slate-boot to slate-init and
 * from one slate-init to the next. Times are seconds, as the drivers count.  */
#ifndef BASE_WATCHDOG_H
#define BASE_WATCHDOG_H

#include <stdbool.h>

#include "err.h"

#define WATCHDOG_DEVICE "/dev/watchdog"

enum { WATCHDOG_DEFAULT_S = 20, WATCHDOG_LEAST_S = 5 };

struct watchdog {
	int fd;             /* owned; -1: no watchdog is watching */
	unsigned timeout_s; /* what the device does, which may be more than was asked for */
	bool has_fired;     /* the last restart of the machine was its doing */
	char name[33];      /* as the driver calls it, for messages */
};

/* Opens `device` and starts it. 1: it counts from now on; 0: there is no such device
 * (or its driver drives none); -1 with *e, and w->fd is -1. */
int watchdog_open(struct watchdog *w, const char *device, unsigned timeout_s, struct err *e);

/* Takes over a started one that `fd` is. -1 with *e: it is none; `fd` is left alone. */
int watchdog_take(struct watchdog *w, int fd, struct err *e);

/* Gives it another timeout; one that the device can't do leaves the old. */
void watchdog_set_timeout(struct watchdog *w, unsigned timeout_s);

/* Starts its count anew. Does not wait; safe in a signal handler. */
void watchdog_feed(const struct watchdog *w);

/* Stops it and closes it. -1 with *e: its driver or the kernel forbids that
 * (nowayout), and it will restart the machine. */
int watchdog_disarm(struct watchdog *w, struct err *e);

#endif
