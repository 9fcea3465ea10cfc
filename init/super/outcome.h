/* outcome: how a run of a service ended, and whether it is to be run again.
 *
 * Pure. The words and rules are systemd's, see systemd.service(5): SIGHUP, SIGINT,
 * SIGTERM and SIGPIPE end a daemon well, but not a command.  */
#ifndef SUPER_OUTCOME_H
#define SUPER_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "../unit/service.h"

enum outcome {
	OUTCOME_SUCCESS,
	OUTCOME_SKIPPED,     /* ExecCondition= said no */
	OUTCOME_RESOURCES,   /* a process could not be made */
	OUTCOME_PROTOCOL,    /* it ended, or named no process, where it should have said READY=1 */
	OUTCOME_TIMEOUT,
	OUTCOME_EXIT_CODE,
	OUTCOME_SIGNAL,
	OUTCOME_CORE_DUMP,
	OUTCOME_WATCHDOG,
	OUTCOME_START_LIMIT, /* started too often in too short a time */
	OUTCOME_OOM,
	OUTCOME_ASSERT,      /* an Assert…= is not met */
	OUTCOMES
};

/* Of waitpid's `status`; `daemon`: a main process, else a command. */
enum outcome outcome_of(const struct service_config *c, int status, bool daemon);

bool outcome_is_failure(enum outcome o);

/* Does Restart= want another run? `status` is the main process's, as waitpid
 * has it; -1: it had none. */
bool outcome_restarts(const struct service_config *c, enum outcome o, int status);

/* How long to wait before the run after `restarts` restarts, microseconds:
 * RestartSec= growing to RestartMaxDelaySec= in RestartSteps=. */
uint64_t outcome_delay_us(const struct service_config *c, uint32_t restarts);

/* "success", "exit-code", …: SERVICE_RESULT of systemd.exec(5). */
const char *outcome_name(enum outcome o);

/* StartLimitIntervalSec= and StartLimitBurst=. */
struct start_limit {
	uint64_t begin_us; /* of the interval */
	uint32_t starts;   /* in it */
};

/* Counts a start at `now_us`. False: it is one too many. */
bool start_limit_allows(struct start_limit *l, uint64_t now_us, uint64_t interval_us,
                        uint32_t burst);

#endif
