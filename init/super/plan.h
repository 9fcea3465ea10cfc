/* plan: from what is asked for to the jobs that it takes (systemd calls it a
 * transaction): what a start pulls in, what a stop takes along, what a conflict
 * stops. Worked out in full first, with nothing changed when it can't be done.  */
#ifndef SUPER_PLAN_H
#define SUPER_PLAN_H

#include "live.h"

/* Plans `kind` for the unit with all that follows, and gives out the jobs. *id is
 * the unit's own job, 0: nothing to do. -1 with *e: it can't be done. */
int plan_job(struct live *v, enum job_kind kind, uint32_t *id, struct err *e);

/* Starts several at once: the first is required, the others are welcome. */
int plan_boot(struct manager *m, struct live *const *goals, unsigned n, struct err *e);

/* Starts the unit and stops everything that it does not need. */
int plan_isolate(struct live *v, uint32_t *id, struct err *e);

/* Stops everything. */
void plan_stop_all(struct manager *m);

/* The unit went down by itself: what is bound to it follows, what it was to
 * start is started. */
void plan_unit_went(struct live *v);

/* The unit has failed: OnFailure= and FailureAction=. */
void plan_failed(struct live *v);

#endif
