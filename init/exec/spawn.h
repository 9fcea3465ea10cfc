/* spawn: one process of a service: made by the kernel inside its control group,
 * set up by itself, executed.
 *
 * The way into this folder: what a supervisor needs else of it is how a run is named
 * (invocation.h), who a user is (account.h), and what is to be removed when a run is over
 * (privatetmp.h, removeipc.h). child.h has the steps of the set-up, sandbox included.
 *
 * The parent's part is one system call and never waits. All that can block or
 * fail for the service's own reasons (user names, directories, terminals, the
 * exec) happens in the child, which says what went wrong in the service's log
 * and exits with systemd's status for it (203: exec, 217: user, …).  */
#ifndef EXEC_SPAWN_H
#define EXEC_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../unit/unit.h"
#include "invocation.h"

struct child_memory;

struct spawn {
	const struct unit *unit;            /* with a service config */
	const struct exec_command *command;
	enum service_phase phase;
	int cgroup;          /* directory to be born in; -1: none. Borrowed, as all here */
	int null;            /* /dev/null for reading and writing; -1: the child opens it */
	int log;             /* the log's pipe; -1: /dev/null */
	int exec_pipe;       /* closed by the exec, gets a byte when that fails; -1: none */
	bool notify;         /* the service may use the notification socket */
	uint64_t watchdog_us; /* 0: none */
	struct invocation invocation;
	struct child_memory *memory; /* for the child alone to write to */
	pid_t main_pid;      /* for $MAINPID; 0: none */
	const char *outcome; /* for $SERVICE_RESULT; NULL: the service has not ended */
	int main_status;     /* for $EXIT_CODE and $EXIT_STATUS; -1: none */
};

/* A copy of PID 1 as a process of the unit's group, for work of our own that may
 * block. 0 in the child, which has every signal blocked and must not return. */
pid_t spawn_copy(int cgroup);

/* The process id, or -1 with errno. */
pid_t spawn_process(const struct spawn *s);

/* What an exit status from 200 on says when it comes from the set-up: "EXEC",
 * "USER", …; NULL: nothing of ours. */
const char *spawn_status_name(int status);

#endif
