#include "act.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../exec/spawn.h"
#include "conditions.h"
#include "ending.h"
#include "job.h"
#include "mainpid.h"
#include "manager.h"
#include "phase.h"

bool act_is_up(const struct live *v)
{
	enum svc_state s = v->service.state;

	return s == SVC_UP || s == SVC_EXITED || s == SVC_RELOADING;
}

bool act_is_down(const struct live *v)
{
	enum svc_state s = v->service.state;

	return s == SVC_DOWN || s == SVC_FAILED || s == SVC_WAITING;
}

bool act_is_ending(const struct live *v)
{
	return v->service.state >= SVC_STOPPING;
}

static const struct service_config *config(const struct live *v)
{
	return v->unit->service;
}

/* --- Deadlines --- */

static uint64_t limit_of(const struct live *v)
{
	const struct service_config *c = config(v);

	switch (v->service.state) {
	case SVC_CHECKING:
	case SVC_PREPARING:
	case SVC_STARTING:
	case SVC_FINISHING:
	case SVC_RELOADING:
		return c->timeout_start_us;
	case SVC_UP:
	case SVC_EXITED:
		return c->runtime_max_us;
	case SVC_WAITING:
		return outcome_delay_us(c, v->restarts);
	case SVC_ENDING:
		return v->outcome == OUTCOME_WATCHDOG ? c->timeout_abort_us : c->timeout_stop_us;
	case SVC_STOPPING:
	case SVC_KILLING:
	case SVC_CLEANING:
	case SVC_SWEEPING:
	case SVC_PURGING:
		return c->timeout_stop_us;
	default:
		return UNIT_FOREVER;
	}
}

static void entered(struct live *v)
{
	struct manager *m = v->manager;
	uint64_t now = clock_now_us(), limit = limit_of(v);

	v->changed_us = now;
	loop_disarm(&m->loop, &v->retry);
	/* 0 ends at once, not never */
	if (limit != UNIT_FOREVER && limit < UINT64_MAX - now)
		loop_arm(&m->loop, &v->timeout, now + limit);
	else
		loop_disarm(&m->loop, &v->timeout);
}

void act_timeout(struct deadline *d)
{
	struct live *v = loop_owner(d, struct live, timeout);
	struct manager *m = v->manager;

	if (v->service.state == SVC_WAITING) {
		v->restarts++;
		if (act_start(v) != JOB_DONE)
			job_unit_down(v);
		return;
	}
	report_say(&m->report, REPORT_WARNING, "%s: %s: ran out of time", v->unit->name,
	           service_state_name(v->service.state));
	logs_say(m, v, "slate-init: %s: ran out of time", service_state_name(v->service.state));
	if (v->outcome == OUTCOME_SUCCESS && v->service.state != SVC_RELOADING)
		v->outcome = OUTCOME_TIMEOUT;
	act_event(v, EV_TIMEOUT);
}

void act_retry(struct deadline *d)
{
	struct live *v = loop_owner(d, struct live, retry);

	act_event(v, phase_retry(v));
}

void act_watchdog(struct deadline *d)
{
	struct live *v = loop_owner(d, struct live, watchdog);

	report_say(&v->manager->report, REPORT_WARNING, "%s: watchdog: no sign of life",
	           v->unit->name);
	logs_say(v->manager, v, "slate-init: watchdog: no sign of life");
	v->outcome = OUTCOME_WATCHDOG;
	act_event(v, EV_WATCHDOG);
}

/* --- Actions; each returns what follows at once --- */

static enum svc_event do_check(struct live *v)
{
	v->outcome = OUTCOME_SUCCESS;
	v->main_status = -1;
	v->main_ended_late = v->stop_wanted = v->reload_failed = false;
	v->dirs_removed = v->unmet = false;
	v->status_text[0] = '\0';
	v->begun_us = v->changed_us;
	v->invocation = invocation_next(&v->manager->invocations);
	v->up_us = 0;
	v->watchdog_us = config(v)->watchdog_us;
	return phase_begin(v, PHASE_CONDITION);
}

static enum svc_event do_prepare(struct live *v)
{
	return phase_begin(v, PHASE_START_PRE);
}

static enum svc_event do_spawn(struct live *v)
{
	return phase_begin(v, PHASE_START);
}

static enum svc_event do_finish(struct live *v)
{
	return phase_begin(v, PHASE_START_POST);
}

static enum svc_event do_up(struct live *v)
{
	v->up_us = v->changed_us;
	if (v->watchdog_us)
		loop_arm(&v->manager->loop, &v->watchdog, v->up_us + v->watchdog_us);
	/* without a main process it lives as long as anything in its group does */
	if (v->service.state == SVC_UP && !v->main_pid)
		ending_watch(v);
	job_unit_up(v);
	return EV_NONE;
}

static enum svc_event do_reload(struct live *v)
{
	const struct service_config *c = config(v);

	v->reload_failed = false;
	if (c->type == SERVICE_NOTIFY_RELOAD && v->main_pid) {
		kill(v->main_pid, c->reload_signal ? c->reload_signal : SIGHUP);
		return EV_NONE;
	}
	return phase_begin(v, PHASE_RELOAD);
}

static enum svc_event do_reloaded(struct live *v)
{
	job_unit_reloaded(v, !v->reload_failed);
	return EV_NONE;
}

static enum svc_event do_reload_cut(struct live *v)
{
	if (v->control_pid)
		kill(v->control_pid, SIGKILL);
	v->control_pid = 0;
	v->phase_active = false;
	v->reload_failed = true;
	return do_reloaded(v);
}

static enum svc_event do_stop(struct live *v)
{
	loop_disarm(&v->manager->loop, &v->watchdog);
	/* of a reload that the stop interrupts */
	if (v->control_pid)
		kill(v->control_pid, SIGKILL);
	v->control_pid = 0;
	return phase_begin(v, PHASE_STOP);
}

static enum svc_event do_clean(struct live *v)
{
	/* nothing was started that ExecStopPost= could be the end of */
	if (v->unmet)
		return EV_DONE;
	return phase_begin(v, PHASE_STOP_POST);
}

static enum svc_event do_down(struct live *v)
{
	logs_release(v);
	job_unit_down(v);
	return EV_NONE;
}

static enum svc_event do_restart(struct live *v)
{
	job_unit_waits(v);
	return EV_NONE;
}

static enum svc_event (*const actions[])(struct live *v) = {
	[ACT_CHECK] = do_check,
	[ACT_PREPARE] = do_prepare,
	[ACT_SPAWN] = do_spawn,
	[ACT_FINISH] = do_finish,
	[ACT_UP] = do_up,
	[ACT_RELOAD] = do_reload,
	[ACT_RELOADED] = do_reloaded,
	[ACT_RELOAD_CUT] = do_reload_cut,
	[ACT_STOP] = do_stop,
	[ACT_TERM] = ending_term,
	[ACT_ABORT] = ending_abort,
	[ACT_KILL] = ending_kill,
	[ACT_CLEAN] = do_clean,
	[ACT_SETTLE] = ending_settle,
	[ACT_DOWN] = do_down,
	[ACT_RESTART] = do_restart,
};

void act_event(struct live *v, enum svc_event ev)
{
	while (ev != EV_NONE) {
		enum svc_state before = v->service.state;
		enum svc_action act = service_step(&v->service, ev);

		if (v->service.state != before)
			entered(v);
		ev = act == ACT_NONE ? EV_NONE : actions[act](v);
	}
}

/* --- What comes from outside --- */

static enum job_result start_target(struct live *v)
{
	v->service.state = SVC_UP;
	v->stop_wanted = false;
	v->begun_us = v->up_us = v->changed_us = clock_now_us();
	job_unit_up(v);
	return JOB_DONE;
}

static enum job_result refuse(struct live *v, enum job_result result, const char *why)
{
	if (result != JOB_SKIPPED) {
		report_say(&v->manager->report, REPORT_ERROR, "%s: not started: %s", v->unit->name, why);
		v->service.state = SVC_FAILED;
	} else if (v->service.state == SVC_WAITING) {
		v->service.state = SVC_DOWN;
	}
	loop_disarm(&v->manager->loop, &v->timeout);
	logs_say(v->manager, v, "slate-init: not started: %s", why);
	return result;
}

enum job_result act_start(struct live *v)
{
	const struct unit *u = v->unit;
	uint64_t now = clock_now_us();
	char why[256];
	enum conditions_status met = CONDITIONS_HOLD;

	if (!act_is_down(v))
		return JOB_DONE;
	if (u->load != LOAD_LOADED)
		return refuse(v, JOB_FAILED, u->reason);
	if (u->conditions_n && (!u->service || conditions_are_quick(u)))
		met = conditions_look(v, why, sizeof why);
	if (met != CONDITIONS_HOLD)
		return refuse(v, met == CONDITIONS_SKIP ? JOB_SKIPPED : JOB_FAILED, why);
	if (!u->service)
		return u->type == UNIT_SERVICE || u->type == UNIT_TARGET || u->type == UNIT_SLICE
		           ? start_target(v)
		           : refuse(v, JOB_FAILED, "units of this type are not supported");
	if (!start_limit_allows(&v->limit, now, u->start_limit_interval_us, u->start_limit_burst)) {
		v->outcome = OUTCOME_START_LIMIT;
		return refuse(v, JOB_FAILED, "started too often in too short a time");
	}
	act_event(v, EV_START);
	return JOB_DONE;
}

void act_ready(struct live *v)
{
	if (v->service.state == SVC_RELOADING)
		act_event(v, EV_DONE);
	else
		act_event(v, EV_READY);
}

void act_look(struct live *v)
{
	if (v->pid_file_watch >= 0 && v->service.state == SVC_STARTING) {
		if (mainpid_find(v))
			act_event(v, EV_READY);
		return;
	}
	if (v->service.state == SVC_UP && !v->main_pid && ending_is_empty(v))
		act_event(v, phase_settled(v) == EV_DONE ? EV_EXITED : phase_settled(v));
	else if (act_is_ending(v) && ending_is_over(v))
		act_event(v, EV_GONE);
}

static void say_end(struct live *v, int status)
{
	bool bad = outcome_is_failure(outcome_of(config(v), status, true));
	const char *hint = WIFEXITED(status) ? spawn_status_name(WEXITSTATUS(status)) : NULL;

	logs_say(v->manager, v, "slate-init: process %s%s%s", child_describe(status),
	         hint ? "/" : "", hint ? hint : "");
	if (bad && !v->stop_wanted)
		report_say(&v->manager->report, REPORT_WARNING, "%s: process %s%s%s", v->unit->name,
		           child_describe(status), hint ? "/" : "", hint ? hint : "");
}

/* A oneshot's commands are its main process one after the other. */
static bool is_oneshot_command(const struct live *v)
{
	return v->service.state == SVC_STARTING && v->phase == PHASE_START && v->phase_active &&
	       config(v)->type == SERVICE_ONESHOT;
}

static enum outcome main_outcome(const struct live *v, int status)
{
	const struct exec_list *list = &config(v)->exec[PHASE_START];
	enum outcome o = outcome_of(config(v), status, true);

	if (list->n && list->at[0].flags & EXEC_IGNORE_FAILURE)
		return OUTCOME_SUCCESS;
	if (v->service.state == SVC_STARTING && o == OUTCOME_SUCCESS)
		return OUTCOME_PROTOCOL;
	return o;
}

void act_main_ended(struct live *v, int status)
{
	struct manager *m = v->manager;

	v->main_pid = 0;
	v->main_status = status;
	mainpid_drop(v);
	phase_drop_exec_pipe(v);
	loop_disarm(&m->loop, &v->watchdog);
	if (is_oneshot_command(v)) {
		if (status != 0)
			say_end(v, status);
		act_event(v, phase_command_ended(v, status));
		return;
	}
	say_end(v, status);
	if (v->outcome == OUTCOME_SUCCESS)
		v->outcome = main_outcome(v, status);
	if (act_is_ending(v)) {
		act_look(v);
		return;
	}
	v->main_ended_late = true;
	if (v->service.state == SVC_STARTING)
		act_event(v, EV_CRASHED);
	/* a command that still runs (ExecStartPost=, ExecReload=) comes to its end first */
	else if (!v->control_pid)
		act_event(v, phase_settled(v));
}

void act_control_ended(struct live *v, int status)
{
	v->control_pid = 0;
	if (v->phase_active)
		act_event(v, phase_command_ended(v, status));
	else if (act_is_ending(v))
		act_look(v);
}
