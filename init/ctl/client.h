/* client: asks slate-init, and what it answers about units as plain structs.  */
#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../base/err.h"
#include "../base/span.h"

/* Sends the words (NULL ends; the first is the verb) and calls `each` (NULL: none)
 * for every packet of the answer but the last.
 * 0: done; -1 with *e: it was refused, or, with a code other than 0, slate-init
 * could not be asked at all. */
int client_ask(const char *const *words, void (*each)(void *ctx, struct span packet), void *ctx,
               struct err *e);

/* True when *e of client_ask says that no slate-init runs here. */
bool client_is_absent(const struct err *e);

struct unit_info { /* texts are "" and numbers 0 where nothing was said */
	char name[256], type[16], load[16], active[16], sub[24], job[16];
	char description[256], reason[320], fragment[320];
	char result[24], exit[80], status[100], cgroup[600];
	char requires[600], wants[600]; /* names with blanks between them */
	uint64_t begun_us, up_us, changed_us; /* CLOCK_MONOTONIC */
	uint64_t restarts, main_pid, control_pid;
};

struct unit_list {
	struct unit_info *at; /* owned, free() */
	size_t n;
};

/* The units of these names (NULL: all that are loaded). A name that slate-init
 * does not know makes it fail after the others are in the list. */
int client_units(const char *const *names, struct unit_list *list, struct err *e);
void unit_list_free(struct unit_list *list);

struct manager_info {
	char version[32], container[8], cgroups[8], shutdown[16];
	char watchdog[33], watchdog_sick[300]; /* its name; what holds it back; empty: none, nothing */
	uint64_t units, failed, jobs, started_us, finished_us, watchdog_s;
};

int client_manager(struct manager_info *info, struct err *e);

/* Bytes that the unit's processes have for themselves (proportional set size). */
uint64_t unit_memory(const struct unit_info *u);

/* Process ids of the unit, at most `max`. Returns how many. */
size_t unit_processes(const struct unit_info *u, pid_t *pids, size_t max);

#endif
