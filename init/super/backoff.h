/* backoff: how long to wait before something that keeps failing is tried again.
 *
 * For what has no RestartSec= of its own: a fork that the kernel refused, the
 * log process, the control socket. The wait doubles from BACKOFF_FIRST_US up to
 * BACKOFF_LAST_US and is forgotten once things went well for BACKOFF_STEADY_US.
 * All times are microseconds of CLOCK_MONOTONIC; nothing here reads a clock.  */
#ifndef SUPER_BACKOFF_H
#define SUPER_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_FIRST_US = 100000, BACKOFF_LAST_US = 8000000, BACKOFF_STEADY_US = 10000000 };

struct backoff {
	uint32_t wait_us; /* 0: no failure yet */
};

/* It began at `started` and failed at `died`; returns when to try next. */
uint64_t backoff_next(struct backoff *b, uint64_t started, uint64_t died);

#endif
