/* job: what units are to do, and when their order lets them.
 *
 * One job a unit at most. A job that is added waits until nothing that is
 * ordered before it has a job; then it runs; it ends when the unit has come to
 * where the job wants it, or can't. Everything that may run runs at once.  */
#ifndef SUPER_JOB_H
#define SUPER_JOB_H

#include "live.h"

/* Gives the unit a job, in place of one that it had; its id. 0: nothing to do,
 * the unit is there already. */
uint32_t job_add(struct live *v, enum job_kind kind);

/* Runs all that may run now. */
void jobs_run(struct manager *m);

/* The units' numbers have changed: looks at every job that waits. */
void jobs_look_again(struct manager *m);

/* Ends the unit's job, if it has one. */
void job_finish(struct live *v, enum job_result result);

/* What act.c tells: the unit is up; down for good or failed; down until Restart=
 * brings it up again; its reload is over. */
void job_unit_up(struct live *v);
void job_unit_down(struct live *v);
void job_unit_waits(struct live *v);
void job_unit_reloaded(struct live *v, bool worked);

const char *job_kind_name(enum job_kind kind);       /* "start"; "" for none */
const char *job_result_name(enum job_result result); /* "done", "failed", … */

#endif
