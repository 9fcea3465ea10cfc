/* live: what one unit is doing at the moment.
 *
 * The unit itself (its files) is in the set, at the same index. A live struct
 * never moves while it exists: the event loop holds pointers into it. Allocated
 * when units are loaded. Times are microseconds of CLOCK_MONOTONIC.  */
#ifndef SUPER_LIVE_H
#define SUPER_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../exec/invocation.h"
#include "../unit/unit.h"
#include "backoff.h"
#include "loop.h"
#include "notify.h"
#include "outcome.h"
#include "service.h"

struct manager;

enum job_kind { JOB_NONE, JOB_START, JOB_STOP, JOB_RESTART, JOB_RELOAD };

enum job_result {
	JOB_DONE,
	JOB_FAILED,
	JOB_DEPENDENCY, /* something it requires could not be started */
	JOB_SKIPPED,    /* a condition of the unit is not met */
	JOB_CANCELED,   /* another job took its place */
};

struct job {
	enum job_kind kind;
	bool running; /* else it waits for what is ordered before it */
	bool queued;  /* to be looked at in this turn */
	uint32_t id;
};

struct live {
	struct manager *manager;
	const struct unit *unit; /* of the set in use */
	unsigned index;
	struct service service;  /* targets are DOWN or UP */
	struct job job;
	enum job_kind plan;      /* of the transaction that is being put together */
	bool plan_required;      /* without it the transaction is worth nothing */

	enum outcome outcome;    /* of this run or the last one */
	int main_status;         /* waitpid's, of the last main process; -1: none ended yet */
	bool main_ended_late;    /* the main process ended while a command ran; not acted upon yet */
	bool stop_wanted;        /* this end is asked for: Restart= does not apply */
	bool reload_failed;
	bool checking;           /* the process that runs looks at the conditions */
	bool unmet;              /* one of them did not hold: nothing of it runs */
	bool dirs_removed;       /* RuntimeDirectory=, in this end */

	pid_t main_pid;          /* 0: none */
	pid_t control_pid;       /* of a command that is not the main process; 0: none */
	struct source main_pidfd; /* fd -1 unless the main process is not our own child */
	struct source exec_pipe; /* Type=exec: closed by the exec; fd -1: none */
	enum service_phase phase; /* whose commands are running */
	unsigned command;        /* which of them */
	bool phase_active;

	struct deadline timeout; /* of the state */
	struct deadline retry;   /* of a fork that the kernel refused */
	struct deadline watchdog;
	struct backoff backoff;
	uint64_t watchdog_us;    /* 0: none; the unit's, or what WATCHDOG_USEC= said */
	int cgroup_watch;        /* inotify watch of its control group; -1: none */
	int pid_file_watch;      /* of the directory of PIDFile=; -1: none */

	struct invocation invocation; /* of this run or the last one */
	uint64_t begun_us;       /* its start began */
	uint64_t up_us;          /* it was up */
	uint64_t changed_us;     /* the last change of state */
	uint32_t restarts;       /* by Restart=, since it was started by hand */
	struct start_limit limit;

	int log_read, log_write; /* its log's pipe; -1: not made yet */
	bool log_handed;         /* the log process has it */
	char status_text[NOTIFY_STATUS_SIZE]; /* STATUS= */
};

#endif
