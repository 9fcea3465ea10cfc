#include "job.h"

#include "../base/clock.h"
#include "act.h"
#include "manager.h"
#include "plan.h"

#define IDLE_US 20000 /* how long a start of Type=idle stands back */

static struct unit_deps deps(const struct live *v, enum unit_dep kind)
{
	return unit_deps(v->manager->set, v->index, kind);
}

static struct live *at(const struct live *v, uint16_t index)
{
	return v->manager->live[index];
}

static void enqueue(struct live *v)
{
	struct manager *m = v->manager;

	if (v->job.queued || v->job.kind == JOB_NONE)
		return;
	v->job.queued = true;
	m->queue[(m->queue_first + m->queue_n++) % m->live_room] = (uint16_t)v->index;
}

uint32_t job_add(struct live *v, enum job_kind kind)
{
	struct manager *m = v->manager;

	if (kind == v->job.kind || (kind == JOB_START && v->job.kind == JOB_RESTART))
		return v->job.id;
	if (v->job.kind == JOB_NONE) {
		if (kind == JOB_START && act_is_up(v))
			return 0;
		if (kind == JOB_STOP && act_is_down(v) && v->service.state != SVC_WAITING)
			return 0;
	}
	job_finish(v, JOB_CANCELED);
	v->job = (struct job){ .kind = kind, .queued = v->job.queued, .id = ++m->job_last };
	m->jobs++;
	enqueue(v);
	return v->job.id;
}

/* --- Order --- */

static bool stops_first(const struct live *v)
{
	return v->job.kind == JOB_STOP || v->job.kind == JOB_RESTART;
}

/* A start waits for every job of what it comes after, and for those of what
 * comes after it that stop. */
static bool start_may_run(const struct live *v)
{
	struct unit_deps after = deps(v, DEP_AFTER), before = deps(v, DEP_BEFORE);

	for (unsigned i = 0; i < after.n; i++)
		if (at(v, after.at[i])->job.kind != JOB_NONE)
			return false;
	for (unsigned i = 0; i < before.n; i++)
		if (stops_first(at(v, before.at[i])))
			return false;
	return true;
}

/* What was started later stops earlier. */
static bool stop_may_run(const struct live *v)
{
	struct unit_deps before = deps(v, DEP_BEFORE);

	for (unsigned i = 0; i < before.n; i++)
		if (stops_first(at(v, before.at[i])))
			return false;
	return true;
}

static void enqueue_all(const struct live *v, enum unit_dep kind)
{
	struct unit_deps list = deps(v, kind);

	for (unsigned i = 0; i < list.n; i++)
		if (!at(v, list.at[i])->job.running)
			enqueue(at(v, list.at[i]));
}

/* --- Ends --- */

static void fail_all(struct live *v, enum unit_dep kind)
{
	struct unit_deps list = deps(v, kind);

	for (unsigned i = 0; i < list.n; i++) {
		struct live *other = at(v, list.at[i]);

		if (other->job.kind != JOB_START || other->job.running)
			continue;
		report_say(&v->manager->report, REPORT_ERROR, "%s: not started: it needs %s",
		           other->unit->name, v->unit->name);
		job_finish(other, JOB_DEPENDENCY);
	}
}

void job_finish(struct live *v, enum job_result result)
{
	struct manager *m = v->manager;
	struct job ended = v->job;

	if (ended.kind == JOB_NONE)
		return;
	v->job = (struct job){ .queued = ended.queued };
	m->jobs--;
	if (ended.kind != JOB_STOP && (result == JOB_FAILED || result == JOB_DEPENDENCY)) {
		fail_all(v, DEP_REQUIRED_BY);
		fail_all(v, DEP_BOUND_BY);
		fail_all(v, DEP_REQUISITE_OF);
	}
	enqueue_all(v, DEP_BEFORE);
	enqueue_all(v, DEP_AFTER);
	control_server_job_ended(m, ended.id, result);
	if (m->jobs == 0 && !m->finished_us)
		m->finished_us = clock_now_us();
}

/* --- Running --- */

static bool is_satisfied(const struct live *v, enum unit_dep kind)
{
	struct unit_deps list = deps(v, kind);

	for (unsigned i = 0; i < list.n; i++)
		if (!act_is_up(at(v, list.at[i])))
			return false;
	return true;
}

static void run_start(struct live *v)
{
	enum job_result result;

	if (act_is_up(v)) {
		job_finish(v, JOB_DONE);
		return;
	}
	/* it is looked at again when it is down */
	if (act_is_ending(v))
		return;
	if (!is_satisfied(v, DEP_REQUISITE)) {
		report_say(&v->manager->report, REPORT_ERROR,
		           "%s: not started: a unit of its Requisite= is not up", v->unit->name);
		job_finish(v, JOB_DEPENDENCY);
		return;
	}
	v->job.running = true;
	result = act_start(v);
	if (result != JOB_DONE) {
		job_finish(v, result);
		if (v->service.state == SVC_FAILED)
			plan_failed(v);
	}
}

static void run_stop(struct live *v)
{
	if (act_is_down(v) && v->service.state != SVC_WAITING) {
		if (v->job.kind == JOB_STOP) {
			job_finish(v, JOB_DONE);
			return;
		}
		v->job.kind = JOB_START;
		enqueue(v);
		return;
	}
	v->job.running = true;
	v->stop_wanted = true;
	if (v->unit->service) {
		act_event(v, EV_STOP);
		return;
	}
	v->service.state = SVC_DOWN;
	v->changed_us = clock_now_us();
	job_unit_down(v);
}

static void run_reload(struct live *v)
{
	const struct service_config *c = v->unit->service;

	if (v->service.state != SVC_UP && v->service.state != SVC_EXITED) {
		job_finish(v, act_is_up(v) ? JOB_DONE : JOB_FAILED);
		return;
	}
	if (c && c->exec[PHASE_RELOAD].n == 0 && c->type != SERVICE_NOTIFY_RELOAD) {
		job_finish(v, JOB_FAILED);
		return;
	}
	v->job.running = true;
	if (c)
		act_event(v, EV_RELOAD);
	else
		job_finish(v, JOB_DONE);
}

static void run(struct live *v)
{
	if (v->job.running)
		return;
	switch (v->job.kind) {
	case JOB_START:
		if (start_may_run(v))
			run_start(v);
		break;
	case JOB_STOP:
	case JOB_RESTART:
		if (stop_may_run(v))
			run_stop(v);
		break;
	case JOB_RELOAD:
		if (start_may_run(v))
			run_reload(v);
		break;
	case JOB_NONE:
		break;
	}
}

static struct live *take_first(struct manager *m)
{
	struct live *v = m->live[m->queue[m->queue_first]];

	m->queue_first = (m->queue_first + 1) % m->live_room;
	m->queue_n--;
	v->job.queued = false;
	return v;
}

static bool is_idle(const struct live *v)
{
	return v->unit->service && v->unit->service->type == SERVICE_IDLE && v->job.kind == JOB_START;
}

static void idle_passed(struct deadline *d)
{
	struct manager *m = loop_owner(d, struct manager, idle);

	m->idle_due = true;
	for (unsigned i = 0; i < m->live_n; i++)
		if (is_idle(m->live[i]) && !m->live[i]->job.running)
			enqueue(m->live[i]);
}

/* Type=idle (a login prompt) comes after all that can start at the same moment, and
 * what was started has the processor first: the machine's work goes before its talk. */
void jobs_run(struct manager *m)
{
	while (m->queue_n > 0) {
		struct live *v = take_first(m);

		if (!is_idle(v) || m->idle_due) {
			run(v);
		} else if (!m->idle.when) {
			m->idle.passed = idle_passed;
			loop_arm(&m->loop, &m->idle, clock_now_us() + IDLE_US);
		}
	}
	m->idle_due = false;
}

void jobs_look_again(struct manager *m)
{
	m->queue_first = m->queue_n = 0;
	for (unsigned i = 0; i < m->live_n; i++) {
		m->live[i]->job.queued = false;
		if (!m->live[i]->job.running)
			enqueue(m->live[i]);
	}
}

/* --- What becomes of units --- */

void job_unit_up(struct live *v)
{
	if (v->job.kind == JOB_START && v->job.running) {
		v->restarts = 0;
		job_finish(v, JOB_DONE);
	}
}

/* A oneshot that has done its work was up for no moment that one could see. */
static enum job_result start_result(const struct live *v)
{
	if (v->service.state == SVC_FAILED)
		return JOB_FAILED;
	return v->outcome == OUTCOME_SKIPPED ? JOB_SKIPPED : JOB_DONE;
}

void job_unit_down(struct live *v)
{
	bool was_asked = v->stop_wanted;

	if (v->job.kind == JOB_STOP) {
		job_finish(v, JOB_DONE);
	} else if (v->job.kind == JOB_RESTART) {
		v->job.kind = JOB_START;
		v->job.running = false;
		enqueue(v);
		enqueue_all(v, DEP_AFTER);
		enqueue_all(v, DEP_BEFORE);
	} else if (v->job.kind == JOB_START && v->job.running) {
		job_finish(v, start_result(v));
	} else if (v->job.kind == JOB_RELOAD) {
		job_finish(v, JOB_FAILED);
	} else {
		enqueue(v);
	}
	if (!was_asked)
		plan_unit_went(v);
	if (v->service.state == SVC_FAILED)
		plan_failed(v);
}

void job_unit_waits(struct live *v)
{
	if (v->job.kind == JOB_START && v->job.running)
		job_finish(v, JOB_FAILED);
	else if (v->job.kind == JOB_RELOAD)
		job_finish(v, JOB_FAILED);
	else
		enqueue(v);
}

void job_unit_reloaded(struct live *v, bool worked)
{
	if (v->job.kind == JOB_RELOAD && v->job.running)
		job_finish(v, worked ? JOB_DONE : JOB_FAILED);
}

const char *job_kind_name(enum job_kind kind)
{
	static const char *const names[] = {
		[JOB_NONE] = "", [JOB_START] = "start", [JOB_STOP] = "stop",
		[JOB_RESTART] = "restart", [JOB_RELOAD] = "reload",
	};

	return names[kind];
}

const char *job_result_name(enum job_result result)
{
	static const char *const names[] = {
		[JOB_DONE] = "done", [JOB_FAILED] = "failed", [JOB_DEPENDENCY] = "dependency",
		[JOB_SKIPPED] = "skipped", [JOB_CANCELED] = "canceled",
	};

	return names[result];
}
