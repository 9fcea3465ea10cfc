/* shutdown: the one orderly end of the machine, whoever asked for it.
 *
 *   say what is unsaved -> stop the units in reverse order -> kill what is left
 *   -> unmount -> reboot(2)
 *
 * All of it has one absolute deadline; units that would outlast it are named and
 * killed. A second request changes nothing, but Ctrl-Alt-Del seven times within
 * two seconds skips to the last step.  */
#ifndef SUPER_SHUTDOWN_H
#define SUPER_SHUTDOWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "../unit/unit.h"
#include "loop.h"

struct manager;

enum shutdown_kind {
	SHUTDOWN_NONE,
	SHUTDOWN_HALT,
	SHUTDOWN_POWEROFF,
	SHUTDOWN_REBOOT,
	SHUTDOWN_KEXEC,
	SHUTDOWN_EXIT,  /* of a container: the program ends */
	SHUTDOWN_KINDS
};

enum shutdown_stage { STAGE_NONE, STAGE_SAYING, STAGE_STOPPING, STAGE_OVER };

struct shutdown {
	enum shutdown_kind kind;
	enum shutdown_stage stage;
	uint64_t begun_us;
	struct deadline next;   /* the end of the stage, or the naming of laggards */
	bool killed_laggards;
	pid_t unsaved;          /* the child that names unsaved changes; 0: none */
	uint64_t pressed_us[7]; /* Ctrl-Alt-Del */
	unsigned pressed;
};

enum {
	SHUTDOWN_SAY_US = 5000000,    /* naming unsaved changes */
	SHUTDOWN_STOP_US = 20000000,  /* units stop by themselves */
	SHUTDOWN_KILL_US = 5000000,   /* laggards were killed; what is ordered after them stops */
};

void shutdown_init(struct manager *m);

/* `why` is for the console: "Ctrl-Alt-Del", "slate reboot". */
void shutdown_begin(struct manager *m, enum shutdown_kind kind, const char *why);

/* At once: nothing is stopped, file systems are made read-only. Does not return
 * but where reboot(2) is refused. */
void shutdown_now(struct manager *m, enum shutdown_kind kind);

/* A unit's FailureAction= and the like. */
void shutdown_action(struct manager *m, enum unit_action action, const char *unit);

void shutdown_ctrl_alt_del(struct manager *m);

/* True: `pid` was the child that names unsaved changes. */
bool shutdown_reaped(struct manager *m, pid_t pid);

/* Once a turn: goes on when the jobs are done. */
void shutdown_turn(struct manager *m);

const char *shutdown_kind_name(enum shutdown_kind kind); /* "reboot" */

#endif
