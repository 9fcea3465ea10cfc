/* report: where PID 1's own messages go.
 *
 * To the kernel log (/dev/kmsg), which puts them on every console by its level
 * and keeps them for `dmesg`; where there is none (a container) to standard
 * error. A message is one line; bytes that could steer a terminal are replaced.
 * Only the stage runner, the event loop and a command's main call this.  */
#ifndef BASE_REPORT_H
#define BASE_REPORT_H

#include "err.h"

enum report_level { /* the kernel's numbers, syslog(3) */
	REPORT_ERROR = 3,
	REPORT_WARNING = 4,
	REPORT_NOTICE = 5,
	REPORT_INFO = 6,
};

struct report {
	int kmsg;         /* owned; -1: standard error is used */
	const char *name; /* in front of each line: "slate-boot" */
};

/* Opens /dev/kmsg and lifts its rate limit. Never fails: see `kmsg`. */
void report_open(struct report *r, const char *name);

void report_say(const struct report *r, enum report_level level, const char *fmt, ...)
	ERR_PRINTF(3, 4);

/* Replaces control characters in `text` by '?', in place. */
void report_clean(char *text);

#endif
