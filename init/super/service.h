/* service: what a service is doing and what each thing that happens to it means.
 *
 * Pure: no system call, no clock, no unit file. What depends on a unit's
 * settings is decided by the caller, who turns it into an event: "ready" is the
 * exec of Type=exec, READY=1 of Type=notify, the exit of Type=forking's first
 * process; "gone" is what KillMode= makes it. The caller carries the action out,
 * and arms the deadline that belongs to the new state.  */
#ifndef SUPER_SERVICE_H
#define SUPER_SERVICE_H

enum svc_state {
	SVC_NONE,       /* never a state: a hole in the table */
	SVC_DOWN,
	SVC_FAILED,     /* down, and the last run ended badly */
	SVC_WAITING,    /* Restart=: up again when RestartSec= has passed */
	SVC_CHECKING,   /* ExecCondition= */
	SVC_PREPARING,  /* ExecStartPre= */
	SVC_STARTING,   /* ExecStart= runs, not ready yet */
	SVC_FINISHING,  /* ExecStartPost= */
	SVC_UP,
	SVC_EXITED,     /* its process has ended and RemainAfterExit= holds it up */
	SVC_RELOADING,  /* ExecReload= */
	SVC_STOPPING,   /* ExecStop= */
	SVC_ENDING,     /* KillSignal= was sent */
	SVC_KILLING,    /* SIGKILL was sent */
	SVC_CLEANING,   /* ExecStopPost= */
	SVC_SWEEPING,   /* KillSignal= was sent to what ExecStopPost= left */
	SVC_PURGING,    /* SIGKILL was */
	SVC_SETTLING,   /* ended; the caller says how in the same breath */
	SVC_STATES
};

enum svc_event {
	EV_NONE,        /* what an action returns when nothing follows at once */
	EV_START,
	EV_STOP,
	EV_RELOAD,
	EV_DONE,        /* every command of this phase has succeeded */
	EV_SKIP,        /* ExecCondition= says no */
	EV_BROKEN,      /* a command of this phase failed, or could not be started */
	EV_READY,
	EV_EXITED,      /* the main process ended well */
	EV_CRASHED,     /* the main process ended badly */
	EV_REMAIN,      /* the main process ended well and RemainAfterExit= is set */
	EV_GONE,        /* no process is left that is waited for */
	EV_TIMEOUT,
	EV_WATCHDOG,
	EV_REST,        /* settled: down */
	EV_FAIL,        /* settled: failed */
	EV_AGAIN,       /* settled: to be restarted */
	SVC_EVENTS
};

enum svc_action {
	ACT_NONE,
	ACT_CHECK,      /* run ExecCondition= */
	ACT_PREPARE,    /* run ExecStartPre= */
	ACT_SPAWN,      /* run ExecStart= */
	ACT_FINISH,     /* run ExecStartPost= */
	ACT_UP,         /* tell who waits that it is up */
	ACT_RELOAD,     /* run ExecReload= */
	ACT_RELOADED,   /* the reload is over, one way or the other */
	ACT_RELOAD_CUT, /* kill the reload command, which ran out of time */
	ACT_STOP,       /* run ExecStop= */
	ACT_TERM,       /* send KillSignal= */
	ACT_ABORT,      /* send WatchdogSignal= */
	ACT_KILL,       /* send SIGKILL */
	ACT_CLEAN,      /* run ExecStopPost= */
	ACT_SETTLE,     /* decide: EV_REST, EV_FAIL or EV_AGAIN */
	ACT_DOWN,       /* tell who waits that it is down */
	ACT_RESTART     /* arm RestartSec= */
};

struct service {
	enum svc_state state;
};

/* Moves the service on and returns what the caller must now do. */
enum svc_action service_step(struct service *s, enum svc_event ev);

/* "running", "start-pre", …: systemd's words for its sub-states. */
const char *service_state_name(enum svc_state state);

/* "active", "inactive", "failed", "activating", "deactivating", "reloading". */
const char *service_active_name(enum svc_state state);

#endif
