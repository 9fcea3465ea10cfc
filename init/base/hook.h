/* hook: runs the scripts of a phase, in order, each in a limited time.
 *
 * A phase is a directory PHASE.d; its executable files run sorted by name over
 * all the directories given (a name in an earlier directory hides the same name
 * in a later one, and a link to /dev/null switches it off). Output goes line
 * by line to the caller. A hook that fails or hangs is reported and the next
 * runs: what must not fail is not a hook.  */
#ifndef BASE_HOOK_H
#define BASE_HOOK_H

#include <stdint.h>

#include "err.h"

#define HOOK_MAX 128 /* scripts in a phase */

struct hook_run {
	const char *phase;         /* "restored" */
	const char *const *dirs;   /* parents of PHASE.d, first wins; NULL ends */
	char *const *environment;  /* whole environment of the scripts; NULL ends */
	uint64_t limit_ms;         /* for each script */
	/* One line of output of `script`, or, with `failed`, what went wrong with it. */
	void (*say)(void *ctx, const char *script, const char *line, int failed);
	void *ctx;
};

/* Calls `each` for every script that a phase has, in their order. `dirs`: as in hook_run.
 * 0, or -1 with *e when the phase could not be read. */
int hook_each(const char *const *dirs, const char *phase,
              void (*each)(void *ctx, const char *path, const char *name), void *ctx, struct err *e);

/* Returns how many scripts failed, or -1 with *e when the phase could not be read. */
int hook_run_phase(const struct hook_run *run, struct err *e);

#endif
