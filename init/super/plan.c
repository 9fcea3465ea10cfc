#include "plan.h"

#include "act.h"
#include "job.h"
#include "manager.h"

static void clear(struct manager *m)
{
	m->stack_n = 0;
	for (unsigned i = 0; i < m->live_n; i++) {
		m->live[i]->plan = JOB_NONE;
		m->live[i]->plan_required = false;
	}
}

/* A unit is on the stack at most twice: when it gets a plan, and when the plan
 * becomes required. */
static void push(struct live *v)
{
	struct manager *m = v->manager;

	if (m->stack_n < 2 * m->live_room)
		m->stack[m->stack_n++] = (uint16_t)v->index;
}

static int plan_stop(struct live *v, const struct live *by, struct err *e)
{
	if (v->plan == JOB_STOP || (act_is_down(v) && v->service.state != SVC_WAITING &&
	                            v->job.kind == JOB_NONE && v->plan == JOB_NONE))
		return 0;
	if (v->plan == JOB_START && v->plan_required && by->plan_required)
		return err_say(e, "%s conflicts with %s, and both are needed", by->unit->name,
		               v->unit->name);
	if (v->plan == JOB_START && v->plan_required)
		return 0;
	v->plan = JOB_STOP;
	push(v);
	return 0;
}

static void plan_start(struct live *v, bool required)
{
	bool more = required && !v->plan_required;

	/* what is up already needs nothing more */
	if (act_is_up(v) && v->job.kind == JOB_NONE && v->plan == JOB_NONE)
		return;
	if (v->plan == JOB_STOP || (v->plan != JOB_NONE && !more))
		return;
	if (v->plan == JOB_NONE)
		v->plan = JOB_START;
	v->plan_required |= required;
	push(v);
}

static void start_all(struct live *v, enum unit_dep kind, bool required)
{
	struct unit_deps list = unit_deps(v->manager->set, v->index, kind);

	for (unsigned i = 0; i < list.n; i++)
		plan_start(v->manager->live[list.at[i]], required);
}

static int stop_all(struct live *v, enum unit_dep kind, struct err *e)
{
	struct unit_deps list = unit_deps(v->manager->set, v->index, kind);

	for (unsigned i = 0; i < list.n; i++)
		if (plan_stop(v->manager->live[list.at[i]], v, e) < 0)
			return -1;
	return 0;
}

static void along_all(struct live *v, enum unit_dep kind, enum job_kind job)
{
	struct unit_deps list = unit_deps(v->manager->set, v->index, kind);

	for (unsigned i = 0; i < list.n; i++) {
		struct live *other = v->manager->live[list.at[i]];

		if (other->plan != JOB_NONE || (act_is_down(other) && other->job.kind == JOB_NONE))
			continue;
		other->plan = job;
		push(other);
	}
}

static int follow(struct live *v, struct err *e)
{
	enum job_kind job = v->plan;

	if (job == JOB_START || job == JOB_RESTART) {
		start_all(v, DEP_REQUIRES, v->plan_required);
		start_all(v, DEP_BINDS_TO, v->plan_required);
		start_all(v, DEP_WANTS, false);
		start_all(v, DEP_UPHOLDS, false);
		if (stop_all(v, DEP_CONFLICTS, e) < 0 || stop_all(v, DEP_CONFLICTED_BY, e) < 0)
			return -1;
	}
	if (job == JOB_STOP || job == JOB_RESTART) {
		along_all(v, DEP_REQUIRED_BY, job);
		along_all(v, DEP_BOUND_BY, job);
		along_all(v, DEP_CONSISTS_OF, job);
		along_all(v, DEP_PROPAGATES_STOP, JOB_STOP);
	}
	if (job == JOB_RELOAD)
		along_all(v, DEP_PROPAGATES_RELOAD, job);
	return 0;
}

static int follow_all(struct manager *m, struct err *e)
{
	while (m->stack_n > 0)
		if (follow(m->live[m->stack[--m->stack_n]], e) < 0)
			return -1;
	return 0;
}

/* --- What can't be started takes those along that require it --- */

static void drop_needing(struct live *v)
{
	static const enum unit_dep kinds[] = { DEP_REQUIRED_BY, DEP_BOUND_BY };

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct unit_deps list = unit_deps(v->manager->set, v->index, kinds[k]);

		for (unsigned i = 0; i < list.n; i++) {
			struct live *other = v->manager->live[list.at[i]];

			if (other->plan != JOB_START || other->plan_required)
				continue;
			report_say(&v->manager->report, REPORT_ERROR, "%s: not started: it needs %s: %s",
			           other->unit->name, v->unit->name, v->unit->reason);
			other->plan = JOB_NONE;
			drop_needing(other);
		}
	}
}

static int drop_unusable(struct manager *m, struct err *e)
{
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];

		if (v->plan != JOB_START || v->unit->load == LOAD_LOADED)
			continue;
		if (v->plan_required)
			return err_say(e, "%s: %s", v->unit->name, v->unit->reason);
		v->plan = JOB_NONE;
		drop_needing(v);
	}
	return 0;
}

static void hand_out(struct manager *m)
{
	for (unsigned i = 0; i < m->live_n; i++)
		if (m->live[i]->plan != JOB_NONE)
			job_add(m->live[i], m->live[i]->plan);
}

static int finish(struct manager *m, struct err *e)
{
	if (follow_all(m, e) < 0 || drop_unusable(m, e) < 0)
		return -1;
	hand_out(m);
	return 0;
}

/* --- What is asked for --- */

int plan_job(struct live *v, enum job_kind kind, uint32_t *id, struct err *e)
{
	struct manager *m = v->manager;

	clear(m);
	v->plan = kind;
	v->plan_required = true;
	push(v);
	if (finish(m, e) < 0)
		return -1;
	*id = v->job.id;
	return 0;
}

int plan_boot(struct manager *m, struct live *const *goals, unsigned n, struct err *e)
{
	clear(m);
	for (unsigned i = 0; i < n; i++)
		plan_start(goals[i], i == 0);
	return finish(m, e);
}

int plan_isolate(struct live *v, uint32_t *id, struct err *e)
{
	struct manager *m = v->manager;

	clear(m);
	v->plan = JOB_START;
	v->plan_required = true;
	push(v);
	if (follow_all(m, e) < 0 || drop_unusable(m, e) < 0)
		return -1;
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *other = m->live[i];

		if (other->plan != JOB_NONE || other->unit->ignore_on_isolate)
			continue;
		if (!act_is_down(other) || other->job.kind != JOB_NONE ||
		    other->service.state == SVC_WAITING)
			other->plan = JOB_STOP;
	}
	hand_out(m);
	*id = v->job.id;
	return 0;
}

void plan_stop_all(struct manager *m)
{
	for (unsigned i = 0; i < m->live_n; i++)
		job_add(m->live[i], JOB_STOP);
}

/* Upholds=: as long as the other is up, so is this; StartLimitBurst= is its end. */
static void uphold(struct live *v)
{
	struct unit_deps by = unit_deps(v->manager->set, v->index, DEP_UPHELD_BY);
	struct err e;
	uint32_t id;

	for (unsigned i = 0; i < by.n; i++)
		if (act_is_up(v->manager->live[by.at[i]]) && v->outcome != OUTCOME_START_LIMIT) {
			plan_job(v, JOB_START, &id, &e);
			return;
		}
}

void plan_unit_went(struct live *v)
{
	struct manager *m = v->manager;
	struct unit_deps bound = unit_deps(m->set, v->index, DEP_BOUND_BY);
	struct err e;
	uint32_t id;

	for (unsigned i = 0; i < bound.n; i++) {
		struct live *other = m->live[bound.at[i]];

		if (!act_is_down(other) && other->job.kind == JOB_NONE)
			plan_job(other, JOB_STOP, &id, &e);
	}
	if (m->shutdown.kind != SHUTDOWN_NONE)
		return;
	uphold(v);
	if (v->service.state != SVC_DOWN)
		return;

	struct unit_deps next = unit_deps(m->set, v->index, DEP_ON_SUCCESS);

	for (unsigned i = 0; i < next.n; i++)
		plan_job(m->live[next.at[i]], JOB_START, &id, &e);
	shutdown_action(m, v->unit->success_action, v->unit->name);
}

void plan_failed(struct live *v)
{
	struct manager *m = v->manager;
	struct unit_deps next = unit_deps(m->set, v->index, DEP_ON_FAILURE);
	struct err e;
	uint32_t id;

	if (m->shutdown.kind != SHUTDOWN_NONE)
		return;
	for (unsigned i = 0; i < next.n; i++)
		if (plan_job(m->live[next.at[i]], JOB_START, &id, &e) < 0)
			report_say(&m->report, REPORT_WARNING, "%s: OnFailure=: %s", v->unit->name, e.text);
	shutdown_action(m, v->outcome == OUTCOME_START_LIMIT ? v->unit->start_limit_action
	                                                     : v->unit->failure_action,
	                v->unit->name);
}
