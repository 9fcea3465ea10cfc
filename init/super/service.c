#include "service.h"

struct step {
	enum svc_state next;
	enum svc_action act;
};

/* Each row says what changes; the events that a state does not care about are
 * rows of their own ("stay"), so that a cell left out shows as a hole: the test
 * walks every cell and refuses one. */
#define STAY(state, ev) [ev] = { state, ACT_NONE }
#define STAY_SETTLED(state) STAY(state, EV_REST), STAY(state, EV_FAIL), STAY(state, EV_AGAIN)
#define STAY_COMMANDS(state) STAY(state, EV_DONE), STAY(state, EV_SKIP), STAY(state, EV_BROKEN)
#define STAY_MAIN(state) \
	STAY(state, EV_READY), STAY(state, EV_EXITED), STAY(state, EV_CRASHED), STAY(state, EV_REMAIN)

/* Nothing runs: only a start moves it. */
#define RESTING(state) { \
	STAY(state, EV_NONE), STAY(state, EV_STOP), STAY(state, EV_RELOAD), STAY_COMMANDS(state), \
	STAY_MAIN(state), STAY(state, EV_GONE), STAY(state, EV_TIMEOUT), STAY(state, EV_WATCHDOG), \
	STAY_SETTLED(state), \
	[EV_START] = { SVC_CHECKING, ACT_CHECK }, \
}

/* Commands that precede the main process: `next` when they succeed. */
#define BEFORE_MAIN(state, next, act, skip) { \
	STAY(state, EV_NONE), STAY(state, EV_START), STAY(state, EV_RELOAD), STAY_MAIN(state), \
	STAY(state, EV_GONE), STAY(state, EV_WATCHDOG), STAY_SETTLED(state), \
	[EV_DONE] = { next, act }, \
	[EV_SKIP] = { skip, ACT_TERM }, \
	[EV_BROKEN] = { SVC_ENDING, ACT_TERM }, \
	[EV_STOP] = { SVC_ENDING, ACT_TERM }, \
	[EV_TIMEOUT] = { SVC_ENDING, ACT_TERM }, \
}

/* Waits for processes to go. A start is the job queue's to remember. */
#define GOING(state, gone, gone_act, late, late_act) { \
	STAY(state, EV_NONE), STAY(state, EV_START), STAY(state, EV_STOP), STAY(state, EV_RELOAD), \
	STAY_COMMANDS(state), STAY_MAIN(state), STAY(state, EV_WATCHDOG), STAY_SETTLED(state), \
	[EV_GONE] = { gone, gone_act }, \
	[EV_TIMEOUT] = { late, late_act }, \
}

/* Runs commands after which the service goes on ending, come what may. */
#define AFTER_MAIN(state, next, act) { \
	STAY(state, EV_NONE), STAY(state, EV_START), STAY(state, EV_STOP), STAY(state, EV_RELOAD), \
	STAY_MAIN(state), STAY(state, EV_GONE), STAY(state, EV_WATCHDOG), STAY_SETTLED(state), \
	[EV_DONE] = { next, act }, \
	[EV_SKIP] = { next, act }, \
	[EV_BROKEN] = { next, act }, \
	[EV_TIMEOUT] = { next, act }, \
}

static const struct step steps[SVC_STATES][SVC_EVENTS] = {
	[SVC_DOWN] = RESTING(SVC_DOWN),
	[SVC_FAILED] = RESTING(SVC_FAILED),
	[SVC_WAITING] = {
		STAY(SVC_WAITING, EV_NONE), STAY(SVC_WAITING, EV_RELOAD), STAY_COMMANDS(SVC_WAITING),
		STAY_MAIN(SVC_WAITING), STAY(SVC_WAITING, EV_GONE), STAY(SVC_WAITING, EV_WATCHDOG),
		STAY_SETTLED(SVC_WAITING),
		[EV_START] = { SVC_CHECKING, ACT_CHECK },
		[EV_TIMEOUT] = { SVC_CHECKING, ACT_CHECK },
		[EV_STOP] = { SVC_DOWN, ACT_DOWN },
	},
	[SVC_CHECKING] = BEFORE_MAIN(SVC_CHECKING, SVC_PREPARING, ACT_PREPARE, SVC_ENDING),
	[SVC_PREPARING] = BEFORE_MAIN(SVC_PREPARING, SVC_STARTING, ACT_SPAWN, SVC_ENDING),
	[SVC_STARTING] = {
		STAY(SVC_STARTING, EV_NONE), STAY(SVC_STARTING, EV_START),
		STAY(SVC_STARTING, EV_RELOAD), STAY(SVC_STARTING, EV_GONE),
		STAY_SETTLED(SVC_STARTING),
		[EV_READY] = { SVC_FINISHING, ACT_FINISH },
		[EV_DONE] = { SVC_FINISHING, ACT_FINISH },
		[EV_SKIP] = { SVC_ENDING, ACT_TERM },
		[EV_BROKEN] = { SVC_ENDING, ACT_TERM },
		/* ended before it was ready, well or not */
		[EV_EXITED] = { SVC_ENDING, ACT_TERM },
		[EV_REMAIN] = { SVC_ENDING, ACT_TERM },
		[EV_CRASHED] = { SVC_ENDING, ACT_TERM },
		[EV_STOP] = { SVC_ENDING, ACT_TERM },
		[EV_TIMEOUT] = { SVC_ENDING, ACT_TERM },
		[EV_WATCHDOG] = { SVC_ENDING, ACT_ABORT },
	},
	[SVC_FINISHING] = {
		STAY(SVC_FINISHING, EV_NONE), STAY(SVC_FINISHING, EV_START),
		STAY(SVC_FINISHING, EV_RELOAD), STAY(SVC_FINISHING, EV_READY),
		STAY(SVC_FINISHING, EV_GONE), STAY_SETTLED(SVC_FINISHING),
		[EV_DONE] = { SVC_UP, ACT_UP },
		[EV_REMAIN] = { SVC_EXITED, ACT_UP },
		[EV_EXITED] = { SVC_STOPPING, ACT_STOP },
		[EV_CRASHED] = { SVC_ENDING, ACT_TERM },
		[EV_SKIP] = { SVC_ENDING, ACT_TERM },
		[EV_BROKEN] = { SVC_ENDING, ACT_TERM },
		[EV_STOP] = { SVC_ENDING, ACT_TERM },
		[EV_TIMEOUT] = { SVC_ENDING, ACT_TERM },
		[EV_WATCHDOG] = { SVC_ENDING, ACT_ABORT },
	},
	[SVC_UP] = {
		STAY(SVC_UP, EV_NONE), STAY(SVC_UP, EV_START), STAY_COMMANDS(SVC_UP),
		STAY(SVC_UP, EV_READY), STAY(SVC_UP, EV_GONE), STAY_SETTLED(SVC_UP),
		[EV_STOP] = { SVC_STOPPING, ACT_STOP },
		[EV_RELOAD] = { SVC_RELOADING, ACT_RELOAD },
		[EV_EXITED] = { SVC_STOPPING, ACT_STOP },
		[EV_CRASHED] = { SVC_ENDING, ACT_TERM },
		[EV_REMAIN] = { SVC_EXITED, ACT_NONE },
		/* RuntimeMaxSec= */
		[EV_TIMEOUT] = { SVC_STOPPING, ACT_STOP },
		[EV_WATCHDOG] = { SVC_ENDING, ACT_ABORT },
	},
	[SVC_EXITED] = {
		STAY(SVC_EXITED, EV_NONE), STAY(SVC_EXITED, EV_START), STAY_COMMANDS(SVC_EXITED),
		STAY_MAIN(SVC_EXITED), STAY(SVC_EXITED, EV_GONE), STAY(SVC_EXITED, EV_WATCHDOG),
		STAY_SETTLED(SVC_EXITED),
		[EV_STOP] = { SVC_STOPPING, ACT_STOP },
		[EV_RELOAD] = { SVC_RELOADING, ACT_RELOAD },
		[EV_TIMEOUT] = { SVC_STOPPING, ACT_STOP },
	},
	[SVC_RELOADING] = {
		STAY(SVC_RELOADING, EV_NONE), STAY(SVC_RELOADING, EV_START),
		STAY(SVC_RELOADING, EV_RELOAD), STAY(SVC_RELOADING, EV_READY),
		STAY(SVC_RELOADING, EV_GONE), STAY_SETTLED(SVC_RELOADING),
		[EV_DONE] = { SVC_UP, ACT_RELOADED },
		[EV_SKIP] = { SVC_UP, ACT_RELOADED },
		/* a reload that failed leaves the service running as it was */
		[EV_BROKEN] = { SVC_UP, ACT_RELOADED },
		[EV_TIMEOUT] = { SVC_UP, ACT_RELOAD_CUT },
		[EV_REMAIN] = { SVC_EXITED, ACT_RELOADED },
		[EV_EXITED] = { SVC_STOPPING, ACT_STOP },
		[EV_CRASHED] = { SVC_ENDING, ACT_TERM },
		[EV_STOP] = { SVC_STOPPING, ACT_STOP },
		[EV_WATCHDOG] = { SVC_ENDING, ACT_ABORT },
	},
	[SVC_STOPPING] = AFTER_MAIN(SVC_STOPPING, SVC_ENDING, ACT_TERM),
	[SVC_ENDING] = GOING(SVC_ENDING, SVC_CLEANING, ACT_CLEAN, SVC_KILLING, ACT_KILL),
	[SVC_KILLING] = GOING(SVC_KILLING, SVC_CLEANING, ACT_CLEAN, SVC_CLEANING, ACT_CLEAN),
	[SVC_CLEANING] = AFTER_MAIN(SVC_CLEANING, SVC_SWEEPING, ACT_TERM),
	[SVC_SWEEPING] = GOING(SVC_SWEEPING, SVC_SETTLING, ACT_SETTLE, SVC_PURGING, ACT_KILL),
	[SVC_PURGING] = GOING(SVC_PURGING, SVC_SETTLING, ACT_SETTLE, SVC_SETTLING, ACT_SETTLE),
	[SVC_SETTLING] = {
		STAY(SVC_SETTLING, EV_NONE), STAY(SVC_SETTLING, EV_START),
		STAY(SVC_SETTLING, EV_STOP), STAY(SVC_SETTLING, EV_RELOAD),
		STAY_COMMANDS(SVC_SETTLING), STAY_MAIN(SVC_SETTLING), STAY(SVC_SETTLING, EV_GONE),
		STAY(SVC_SETTLING, EV_TIMEOUT), STAY(SVC_SETTLING, EV_WATCHDOG),
		[EV_REST] = { SVC_DOWN, ACT_DOWN },
		[EV_FAIL] = { SVC_FAILED, ACT_DOWN },
		[EV_AGAIN] = { SVC_WAITING, ACT_RESTART },
	},
};

enum svc_action service_step(struct service *s, enum svc_event ev)
{
	struct step step = steps[s->state][ev];

	s->state = step.next;
	return step.act;
}

static const struct {
	const char *name, *active;
} names[SVC_STATES] = {
	[SVC_NONE] = { "none", "inactive" },
	[SVC_DOWN] = { "dead", "inactive" },
	[SVC_FAILED] = { "failed", "failed" },
	[SVC_WAITING] = { "auto-restart", "activating" },
	[SVC_CHECKING] = { "condition", "activating" },
	[SVC_PREPARING] = { "start-pre", "activating" },
	[SVC_STARTING] = { "start", "activating" },
	[SVC_FINISHING] = { "start-post", "activating" },
	[SVC_UP] = { "running", "active" },
	[SVC_EXITED] = { "exited", "active" },
	[SVC_RELOADING] = { "reload", "reloading" },
	[SVC_STOPPING] = { "stop", "deactivating" },
	[SVC_ENDING] = { "stop-sigterm", "deactivating" },
	[SVC_KILLING] = { "stop-sigkill", "deactivating" },
	[SVC_CLEANING] = { "stop-post", "deactivating" },
	[SVC_SWEEPING] = { "final-sigterm", "deactivating" },
	[SVC_PURGING] = { "final-sigkill", "deactivating" },
	[SVC_SETTLING] = { "final", "deactivating" },
};

const char *service_state_name(enum svc_state state)
{
	return names[state].name;
}

const char *service_active_name(enum svc_state state)
{
	return names[state].active;
}
