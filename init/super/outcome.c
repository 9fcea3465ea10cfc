#include "outcome.h"

#include <signal.h>
#include <sys/wait.h>

static bool ends_a_daemon_well(int sig)
{
	return sig == SIGHUP || sig == SIGINT || sig == SIGTERM || sig == SIGPIPE;
}

enum outcome outcome_of(const struct service_config *c, int status, bool daemon)
{
	if (WIFEXITED(status)) {
		if (WEXITSTATUS(status) == 0 || exit_set_has_status(&c->success, WEXITSTATUS(status)))
			return OUTCOME_SUCCESS;
		return OUTCOME_EXIT_CODE;
	}
	if (daemon && ends_a_daemon_well(WTERMSIG(status)))
		return OUTCOME_SUCCESS;
	if (exit_set_has_signal(&c->success, WTERMSIG(status)))
		return OUTCOME_SUCCESS;
	return WCOREDUMP(status) ? OUTCOME_CORE_DUMP : OUTCOME_SIGNAL;
}

bool outcome_is_failure(enum outcome o)
{
	return o != OUTCOME_SUCCESS && o != OUTCOME_SKIPPED;
}

static bool is_in(const struct exit_set *set, int status)
{
	if (status < 0)
		return false;
	return WIFEXITED(status) ? exit_set_has_status(set, WEXITSTATUS(status))
	                         : exit_set_has_signal(set, WTERMSIG(status));
}

#define BIT(o) (1u << (o))
#define FAILURES \
	(BIT(OUTCOME_RESOURCES) | BIT(OUTCOME_PROTOCOL) | BIT(OUTCOME_TIMEOUT) | \
	 BIT(OUTCOME_EXIT_CODE) | BIT(OUTCOME_SIGNAL) | BIT(OUTCOME_CORE_DUMP) | \
	 BIT(OUTCOME_WATCHDOG) | BIT(OUTCOME_OOM))

static const unsigned restart_on[] = {
	[RESTART_NO] = 0,
	[RESTART_ON_SUCCESS] = BIT(OUTCOME_SUCCESS),
	[RESTART_ON_FAILURE] = FAILURES,
	[RESTART_ON_ABNORMAL] = FAILURES & ~BIT(OUTCOME_EXIT_CODE),
	[RESTART_ON_WATCHDOG] = BIT(OUTCOME_WATCHDOG),
	[RESTART_ON_ABORT] = BIT(OUTCOME_SIGNAL) | BIT(OUTCOME_CORE_DUMP),
	[RESTART_ALWAYS] = FAILURES | BIT(OUTCOME_SUCCESS),
};

bool outcome_restarts(const struct service_config *c, enum outcome o, int status)
{
	if (o == OUTCOME_START_LIMIT || is_in(&c->restart_prevent, status))
		return false;
	if (is_in(&c->restart_force, status))
		return true;
	/* a oneshot that has done its work is done */
	if (c->type == SERVICE_ONESHOT && o == OUTCOME_SUCCESS)
		return false;
	return restart_on[c->restart] & BIT(o);
}

uint64_t outcome_delay_us(const struct service_config *c, uint32_t restarts)
{
	if (c->restart_steps == 0 || c->restart_max_us == UNIT_FOREVER ||
	    c->restart_max_us <= c->restart_us)
		return c->restart_us;
	if (restarts >= c->restart_steps)
		return c->restart_max_us;
	return c->restart_us + (c->restart_max_us - c->restart_us) / c->restart_steps * restarts;
}

static const char *const names[OUTCOMES] = {
	[OUTCOME_SUCCESS] = "success",
	[OUTCOME_SKIPPED] = "exec-condition",
	[OUTCOME_RESOURCES] = "resources",
	[OUTCOME_PROTOCOL] = "protocol",
	[OUTCOME_TIMEOUT] = "timeout",
	[OUTCOME_EXIT_CODE] = "exit-code",
	[OUTCOME_SIGNAL] = "signal",
	[OUTCOME_CORE_DUMP] = "core-dump",
	[OUTCOME_WATCHDOG] = "watchdog",
	[OUTCOME_START_LIMIT] = "start-limit-hit",
	[OUTCOME_OOM] = "oom-kill",
	[OUTCOME_ASSERT] = "assert",
};

const char *outcome_name(enum outcome o)
{
	return names[o];
}

bool start_limit_allows(struct start_limit *l, uint64_t now_us, uint64_t interval_us,
                        uint32_t burst)
{
	if (interval_us == 0 || burst == 0)
		return true;
	if (l->starts == 0 || now_us - l->begin_us >= interval_us)
		*l = (struct start_limit){ now_us, 0 };
	if (l->starts >= burst)
		return false;
	l->starts++;
	return true;
}
