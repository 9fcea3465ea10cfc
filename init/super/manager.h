/* manager: the supervisor as a whole: what main.c owns and everybody is given.
 *
 * Lives as long as the process. Arrays are sized when units are loaded.  */
#ifndef SUPER_MANAGER_H
#define SUPER_MANAGER_H

#include "../base/report.h"
#include "../base/settings.h"
#include "../exec/child.h"
#include "../unit/set.h"
#include "cgroup.h"
#include "control_server.h"
#include "health.h"
#include "live.h"
#include "logs.h"
#include "loop.h"
#include "shutdown.h"

enum { MANAGER_GOALS_MAX = 8, MANAGER_KEPT_MAX = 4 };

/* What a start writes to comes first and close together: after each fork the first
 * write to a page costs a fault. */
struct manager {
	struct loop loop;
	uint16_t *queue;       /* jobs to look at: a ring of live_room */
	unsigned queue_first, queue_n;
	uint32_t job_last;     /* the id given last */
	unsigned jobs;         /* waiting or running */
	struct deadline idle;  /* starts of Type=idle run when it passes; see jobs_run */
	bool idle_due;
	struct invocations invocations;
	struct live **live;    /* owned; one a unit of the set, same index */
	unsigned live_n, live_room;
	struct logs logs;

	struct report report;
	struct settings settings;
	struct cgroup cgroup;
	struct control_server control;
	struct shutdown shutdown;
	struct health health;
	struct source signals, notify, inotify;

	int root;              /* owned: "/", where units are looked for */
	int null;              /* owned: /dev/null, for the services; -1: it can't be opened */
	char goals[MANAGER_GOALS_MAX][UNIT_NAME_SIZE]; /* what to start; "" ends */
	struct unit_set *set;  /* owned */
	struct unit_set *old_set; /* the one before, while units are loaded anew */
	struct unit_set *kept[MANAGER_KEPT_MAX]; /* owned; of running units whose files are gone */
	struct live **spare;   /* made ahead, while units are loaded anew */
	unsigned spare_n;
	uint16_t *stack;       /* of the transaction that is being put together; live_room */
	unsigned stack_n;

	uint64_t started_us;   /* this program began */
	uint64_t finished_us;  /* the first transaction was over; 0: not yet */
	bool is_first;         /* PID 1, here or of a namespace */
	bool in_container;
	bool reap_more;        /* children were left in the last turn */
	bool said_finished;
	int crashes;           /* in a row, before this run; see crash.h */

	struct child_memory child_memory; /* see child.h; never touched here */
};

/* Loads the goals' units and makes their live structs. -1 with *e: no memory. */
int manager_load(struct manager *m, const char *const *goals, struct err *e);

/* The unit called `name`, loaded now if it was not. NULL with *e. */
struct live *manager_find(struct manager *m, const char *name, struct err *e);

/* Loads everything anew and swaps it in; units go on as they are, by name.
 * -1 with *e: nothing has changed. */
int manager_reload(struct manager *m, struct err *e);

/* What one turn is: events, jobs, children. */
void manager_turn(struct manager *m);

#endif
