/* cgroup: the control group (v2) of each unit.
 *
 * A unit's group is SLICE/NAME below the group that PID 1 was started in; it is
 * made when its first process starts and removed when nothing is left in it.
 * Where there is no cgroup v2 (a container that was given none), `root` is -1
 * and every call says so: the caller falls back to process groups. Names come
 * from unit_set and are safe as file names.  */
#ifndef SUPER_CGROUP_H
#define SUPER_CGROUP_H

#include <stdbool.h>
#include <sys/types.h>

#include "../base/err.h"
#include "../unit/unit.h"

#define CGROUP_PATH_SIZE 600

struct cgroup {
	int root;         /* owned directory; -1: none */
	bool controllers; /* memory, pids, cpu and io were switched on for the units */
};

/* Looks where PID 1 is and whether it may make groups there. 0, or -1 with *e
 * saying why there are none; `root` is then -1 and everything else still works. */
int cgroup_open(struct cgroup *c, struct err *e);

/* The path of the unit's group, relative to `root`. */
void cgroup_path(const struct unit *u, char path[CGROUP_PATH_SIZE]);

/* Makes the group and writes the unit's limits. Returns an open directory that
 * the caller owns, or -1 with *e. */
int cgroup_make(struct cgroup *c, const struct unit *u, struct err *e);

/* The same for a command that comes after the service's own process. Where the group
 * is delegated it is `.control` below it: the service may have given controllers to
 * groups of its own, and the kernel then takes no process in the one above them. */
int cgroup_make_control(struct cgroup *c, const struct unit *u, struct err *e);

/* Is there a process in it, or in a group below it? False also when there is no group. */
bool cgroup_is_populated(const struct cgroup *c, const struct unit *u);

/* Sends `sig` to every process in it, except `but` (0: none). Returns how many. */
int cgroup_signal(const struct cgroup *c, const struct unit *u, int sig, pid_t but);

/* SIGKILL for all of it, groups below included, in one step where the kernel has
 * cgroup.kill. */
void cgroup_kill(const struct cgroup *c, const struct unit *u);

/* Calls `each` for every process in it; returns how many there were. */
int cgroup_each(const struct cgroup *c, const struct unit *u, void (*each)(void *ctx, pid_t pid),
                void *ctx);

void cgroup_remove(const struct cgroup *c, const struct unit *u);

/* Watches for its becoming empty with the inotify descriptor. The watch, or -1. */
int cgroup_watch(const struct cgroup *c, int inotify, const struct unit *u);

/* The last part of the path of the group that `pid` is in, i.e. its unit's name
 * (that of a group below a unit's is found, too: the part that ends in a unit
 * type counts). False when it can't be read or is too long. */
bool cgroup_unit_of(pid_t pid, char *name, size_t size);

#endif
