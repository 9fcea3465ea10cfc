/* child: runs a function that touches foreign bytes in a process of its own.
 *
 * The child fills a small struct; a crash, a hang or a refusal there is an
 * error here, never the end of the caller. The child is killed at the deadline.
 * The function runs in a fork without exec: it shares nothing it writes but
 * `out`, and it must not return to the caller's loop.  */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define CHILD_OUT_MAX 32768

/* What the work may do besides changing its memory and `out`: see confine.h. */
enum child_walls {
	CHILD_OPEN,   /* whatever the caller may */
	CHILD_READS,  /* read */
	CHILD_WRITES, /* and change what is below the directory `tree` */
};

struct child_limits {
	uint64_t deadline_ms; /* CLOCK_MONOTONIC; 0: none */
	size_t memory;        /* bytes of data segment (RLIMIT_DATA); 0: no limit */
	enum child_walls walls;
	int tree; /* CHILD_WRITES: borrowed */
};

/* Starts a child that runs run(arg, to), which must not return; `to` is a pipe whose
 * other end is *from, the caller's to close. Its process, or -1 with *e. */
pid_t child_start(void (*run)(void *arg, int to), void *arg, int *from, struct err *e);

/* Calls work(arg, out, e) in a child and copies `size` bytes of `out` (at most
 * CHILD_OUT_MAX) back when it returned 0 or more.
 * Returns what `work` returned, or -1: *e is the child's own error, or says
 * "crashed (SIGSEGV)", "ran out of time" or why it could not be started. */
int child_call(int (*work)(void *arg, void *out, struct err *e), void *arg, void *out, size_t size,
               const struct child_limits *limits, struct err *e);

/* Waits for `pid` (a child of the caller) until `deadline_ms` (0: for ever),
 * then kills it. *status is waitpid's. 0, or -1 with *e when the time ran out
 * (also when even the kill has to wait for a device: the child is then left) or
 * there is no such child. */
int child_wait(pid_t pid, uint64_t deadline_ms, int *status, struct err *e);

/* "exited with status 3", "killed by SIGTERM", for messages; in a static buffer. */
const char *child_describe(int status);

#endif
