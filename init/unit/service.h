/* service: what a [Service] section says, as data for the supervisor.
 *
 * Owned by the arena of the set. Times are microseconds, UNIT_FOREVER for
 * "infinity". See systemd.service(5).  */
#ifndef UNIT_SERVICE_H
#define UNIT_SERVICE_H

#include "exec.h"

enum service_type {
	SERVICE_SIMPLE, /* what no Type= with an ExecStart= (and no BusName=) means */
	SERVICE_EXEC,
	SERVICE_ONESHOT, /* what no Type= without ExecStart= means */
	SERVICE_FORKING,
	SERVICE_NOTIFY,
	SERVICE_NOTIFY_RELOAD, /* reload_signal, then RELOADING=1 … READY=1 */
	SERVICE_DBUS,
	SERVICE_IDLE,
};

enum service_phase {
	PHASE_CONDITION,
	PHASE_START_PRE,
	PHASE_START,
	PHASE_START_POST,
	PHASE_RELOAD,
	PHASE_RELOAD_POST,
	PHASE_STOP,
	PHASE_STOP_POST,
	SERVICE_PHASES
};

enum service_restart {
	RESTART_NO,
	RESTART_ON_SUCCESS,
	RESTART_ON_FAILURE,
	RESTART_ON_ABNORMAL,
	RESTART_ON_WATCHDOG,
	RESTART_ON_ABORT,
	RESTART_ALWAYS,
};

enum service_notify { NOTIFY_UNSET, NOTIFY_NONE, NOTIFY_MAIN, NOTIFY_EXEC, NOTIFY_ALL };

/* How a process may end. */
struct exit_set {
	uint64_t status[4]; /* bit s % 64 of status[s / 64] */
	uint64_t signals;   /* bit of signal - 1 */
};

bool exit_set_has_status(const struct exit_set *s, int status);
bool exit_set_has_signal(const struct exit_set *s, int signal);

struct service_config {
	enum service_type type;
	bool remain_after_exit, guess_main_pid;
	const char *pid_file; /* absolute; NULL: none */
	const char *bus_name; /* NULL: none */
	enum service_notify notify_access; /* never UNSET after loading: main for notify, else none */
	int reload_signal;                 /* SIGHUP */
	struct text_list sockets;          /* Sockets=; they are in DEP_TRIGGERED_BY, too */

	struct exec_list exec[SERVICE_PHASES];

	enum service_restart restart;
	uint64_t restart_us;      /* 100 ms */
	uint32_t restart_steps;   /* 0: no growing */
	uint64_t restart_max_us;  /* UNIT_FOREVER: not set */
	struct exit_set success;          /* besides 0 and HUP, INT, TERM, PIPE */
	struct exit_set restart_prevent, restart_force;

	uint64_t timeout_start_us; /* 90 s; FOREVER for oneshot when not said */
	uint64_t timeout_stop_us;  /* 90 s */
	uint64_t timeout_abort_us; /* as stop when not said */
	uint64_t runtime_max_us;   /* FOREVER */
	uint64_t watchdog_us;      /* 0: none */

	struct exec_config exec_config;
};

#endif
