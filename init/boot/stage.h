/* stage: a boot is a table of stages, and what a failure of each means. */
#ifndef BOOT_STAGE_H
#define BOOT_STAGE_H

#include <stddef.h>

#include "boot.h"

enum on_fail {
	CARRY_ON, /* warn and record it: the system is still worth having */
	RESCUE,   /* nothing to switch into: say what was tried, then the policy */
};

struct stage {
	const char *name; /* in messages and timings, and for break= */
	/* 0 or more: done; STAGE_WAS_SKIPPED: there was nothing to do; -1 with *e. */
	int (*run)(struct boot *b, struct err *e);
	enum on_fail on_fail;
	void (*explain)(const struct boot *b); /* says what was tried; may be NULL */
	const char *phase;                     /* of the hooks that run after it; NULL: none */
};

#define STAGE_WAS_SKIPPED 1

/* What the runner asks others to do, so that it can be tested without them. */
struct stage_actions {
	/* break=: before the stage runs. */
	void (*pause)(struct boot *b, const struct stage *s);
	void (*hooks)(struct boot *b, const char *phase);
	/* A RESCUE stage failed. True: try it again; false: give up. */
	bool (*rescue)(struct boot *b, const struct stage *s, const struct err *e);
};

/* Runs the rows in order, and records and reports each. 0, or -1 when a RESCUE
 * stage failed for good. */
int stage_run_all(const struct stage *stages, size_t n, struct boot *b,
                  const struct stage_actions *actions);

#endif
