#include "ending.h"

#include <signal.h>
#include <string.h>
#include <sys/inotify.h>

#include "mainpid.h"
#include "manager.h"
#include "phase.h"
#include "restart.h"

static const struct kill_config *killing(const struct live *v)
{
	return &v->unit->service->exec_config.kill;
}

bool ending_is_empty(const struct live *v)
{
	return !v->main_pid && !v->control_pid && !cgroup_is_populated(&v->manager->cgroup, v->unit);
}

static bool waits_for_group(const struct live *v)
{
	switch (killing(v)->mode) {
	case KILL_CONTROL_GROUP:
		return true;
	case KILL_MIXED:
		return v->service.state != SVC_ENDING;
	default:
		return false;
	}
}

bool ending_is_over(const struct live *v)
{
	if (v->service.state != SVC_ENDING && v->service.state != SVC_KILLING &&
	    v->service.state != SVC_SWEEPING && v->service.state != SVC_PURGING)
		return false;
	if (killing(v)->mode == KILL_NONE)
		return true;
	if (v->main_pid || v->control_pid)
		return false;
	return !waits_for_group(v) || !cgroup_is_populated(&v->manager->cgroup, v->unit);
}

void ending_watch(struct live *v)
{
	struct manager *m = v->manager;

	if (v->cgroup_watch < 0 && m->inotify.fd >= 0)
		v->cgroup_watch = cgroup_watch(&m->cgroup, m->inotify.fd, v->unit);
}

/* To the unit's own two processes; their groups stand in for the control group
 * where there is none. */
static void signal_own(const struct live *v, int sig, bool groups)
{
	pid_t pids[] = { v->main_pid, v->control_pid };

	for (size_t i = 0; i < sizeof pids / sizeof *pids; i++) {
		if (!pids[i])
			continue;
		if (!groups || kill(-pids[i], sig) < 0)
			kill(pids[i], sig);
		/* a stopped process would not see it */
		if (sig != SIGKILL)
			kill(pids[i], SIGCONT);
	}
}

static bool has_group(const struct live *v)
{
	return v->manager->cgroup.root >= 0;
}

int ending_signal(struct live *v, int sig, bool all)
{
	if (all && has_group(v))
		return cgroup_signal(&v->manager->cgroup, v->unit, sig, 0);
	signal_own(v, sig, all);
	return (v->main_pid != 0) + (all && v->control_pid);
}

static void send(struct live *v, int sig)
{
	if (killing(v)->mode == KILL_CONTROL_GROUP && has_group(v))
		cgroup_signal(&v->manager->cgroup, v->unit, sig, 0);
	else
		signal_own(v, sig, killing(v)->mode == KILL_CONTROL_GROUP);
}

static enum svc_event wait_for_end(struct live *v)
{
	if (waits_for_group(v))
		ending_watch(v);
	return ending_is_over(v) ? EV_GONE : EV_NONE;
}

enum svc_event ending_term(struct live *v)
{
	const struct kill_config *k = killing(v);

	loop_disarm(&v->manager->loop, &v->watchdog);
	phase_drop_exec_pipe(v);
	v->phase_active = false;
	if (ending_is_over(v))
		return EV_GONE;
	/* KillMode=mixed has a signal for the main process only; the rest gets SIGKILL */
	if (k->mode == KILL_MIXED && v->service.state == SVC_SWEEPING)
		return EV_TIMEOUT;
	send(v, v->job.kind == JOB_RESTART && k->restart_signal ? k->restart_signal : k->signal);
	if (k->send_sighup)
		send(v, SIGHUP);
	return wait_for_end(v);
}

enum svc_event ending_abort(struct live *v)
{
	v->phase_active = false;
	if (v->main_pid)
		kill(v->main_pid, killing(v)->watchdog_signal);
	return wait_for_end(v);
}

static void say_killed(struct live *v)
{
	report_say(&v->manager->report, REPORT_WARNING, "%s: does not end: killed", v->unit->name);
	logs_say(v->manager, v, "slate-init: does not end: killed");
}

enum svc_event ending_kill(struct live *v)
{
	const struct kill_config *k = killing(v);

	if (!k->send_sigkill) {
		logs_say(v->manager, v, "slate-init: does not end, and SendSIGKILL=no: left behind");
		v->main_pid = v->control_pid = 0;
		mainpid_drop(v);
		return EV_GONE;
	}
	if (v->main_pid || v->control_pid)
		say_killed(v);
	if (k->mode != KILL_PROCESS && has_group(v))
		cgroup_kill(&v->manager->cgroup, v->unit);
	else
		signal_own(v, SIGKILL, k->mode != KILL_PROCESS);
	return wait_for_end(v);
}

static void drop_watch(struct live *v, int *watch)
{
	if (*watch >= 0)
		inotify_rm_watch(v->manager->inotify.fd, *watch);
	*watch = -1;
}

void ending_settled(struct live *v)
{
	struct manager *m = v->manager;

	drop_watch(v, &v->cgroup_watch);
	drop_watch(v, &v->pid_file_watch);
	loop_disarm(&m->loop, &v->watchdog);
	loop_disarm(&m->loop, &v->retry);
	mainpid_drop(v);
	phase_drop_exec_pipe(v);
	v->main_pid = v->control_pid = 0;
	cgroup_remove(&m->cgroup, v->unit);
}

enum svc_event ending_settle(struct live *v)
{
	ending_settled(v);
	if (restart_is_due(v))
		return EV_AGAIN;
	return outcome_is_failure(v->outcome) ? EV_FAIL : EV_REST;
}
