/* logs: PID 1's side of the logs: a pipe for each unit, and the log process.
 *
 * PID 1 keeps both ends of each pipe, so what a service wrote is never lost with
 * the process that was to read it, and a restart needs no new pipe. Pipes and
 * PID 1's own lines are handed over a moment later, many at once: a service
 * never waits for its log, and neither does the boot.  */
#ifndef SUPER_LOGS_H
#define SUPER_LOGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "backoff.h"
#include "loop.h"

struct live;
struct manager;

#define LOGS_QUEUE_SIZE 4096

struct logs {
	int dir;        /* owned: PATH_LOG; -1: no logs here, output goes to /dev/null */
	int socket;     /* owned; -1: the log process does not run */
	pid_t pid;      /* 0: the same */
	struct backoff backoff;
	uint64_t begun_us;
	struct deadline hand_over;
	size_t queued;  /* bytes of `queue` */
	unsigned lost;  /* lines there was no room for */
	char queue[LOGS_QUEUE_SIZE];
};

void logs_open(struct manager *m);

/* The write end that the unit's processes get, made if need be; borrowed.
 * -1 with errno. */
int logs_output(struct manager *m, struct live *v);

/* Adds a line of PID 1's own to the unit's log. Never fails, never blocks. */
void logs_say(struct manager *m, struct live *v, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Hands over what waits, now: before the units' numbers change, and at the end. */
void logs_flush(struct manager *m);

/* True: `pid` was the log process; another will be started. */
bool logs_reaped(struct manager *m, pid_t pid);

/* The unit is down: closes its pipe, at once or as soon as it was handed over. */
void logs_release(struct live *v);

/* Closes the pipe of a unit that is gone. */
void logs_forget(struct live *v);

#endif
