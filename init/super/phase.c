#include "phase.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../exec/spawn.h"
#include "act.h"
#include "conditions.h"
#include "mainpid.h"
#include "manager.h"
#include "rundir.h"

static const struct service_config *config(const struct live *v)
{
	return v->unit->service;
}

static bool is_main(const struct live *v)
{
	return v->phase == PHASE_START && config(v)->type != SERVICE_FORKING;
}

static bool wants_notify(const struct live *v)
{
	return config(v)->notify_access != NOTIFY_NONE && config(v)->notify_access != NOTIFY_UNSET;
}

static void take_outcome(struct live *v, enum outcome o)
{
	if (v->outcome == OUTCOME_SUCCESS)
		v->outcome = o;
}

/* --- Type=exec: the pipe closes when the exec has worked --- */

void phase_drop_exec_pipe(struct live *v)
{
	if (v->exec_pipe.fd < 0)
		return;
	loop_drop(&v->manager->loop, &v->exec_pipe);
	fd_drop(&v->exec_pipe.fd);
}

static void exec_pipe_ready(struct source *self, uint32_t events)
{
	struct live *v = loop_owner(self, struct live, exec_pipe);
	char byte;
	ssize_t n = read(self->fd, &byte, 1);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	phase_drop_exec_pipe(v);
	/* a byte: it failed, and the exit status that follows says why */
	if (n == 0)
		act_ready(v);
}

static int open_exec_pipe(struct live *v)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return -1;
	phase_drop_exec_pipe(v);
	v->exec_pipe = (struct source){ ends[0], EPOLLIN, exec_pipe_ready };
	if (loop_add(&v->manager->loop, &v->exec_pipe) < 0)
		fd_drop(&v->exec_pipe.fd);
	return ends[1];
}

/* --- Commands --- */

static bool writes_log(const struct live *v)
{
	const struct exec_config *x = &config(v)->exec_config;

	/* what goes wrong before the exec is said there, too; a pipe costs little */
	return x->output.kind != STREAM_NULL || x->error.kind != STREAM_INHERIT;
}

static int make_group(struct live *v, struct err *e)
{
	return v->phase > PHASE_START ? cgroup_make_control(&v->manager->cgroup, v->unit, e)
	                              : cgroup_make(&v->manager->cgroup, v->unit, e);
}

static pid_t spawn_command(struct live *v, const struct exec_command *command)
{
	struct manager *m = v->manager;
	struct err e;
	bool ended = v->phase == PHASE_STOP || v->phase == PHASE_STOP_POST;
	FD_AUTO group = m->cgroup.root >= 0 ? make_group(v, &e) : -1;
	FD_AUTO exec_pipe = is_main(v) && config(v)->type == SERVICE_EXEC ? open_exec_pipe(v) : -1;
	struct spawn s = {
		.unit = v->unit,
		.command = command,
		.phase = v->phase,
		.cgroup = group,
		.exec_pipe = exec_pipe,
		.log = writes_log(v) ? logs_output(m, v) : -1,
		.null = m->null,
		.notify = wants_notify(v),
		.invocation = v->invocation,
		.memory = &m->child_memory,
		.watchdog_us = v->phase == PHASE_START ? v->watchdog_us : 0,
		.main_pid = v->phase == PHASE_START ? 0 : v->main_pid,
		.outcome = ended ? outcome_name(v->outcome) : NULL,
		.main_status = v->main_status,
	};

	if (m->cgroup.root >= 0 && group < 0)
		logs_say(m, v, "slate-init: %s", e.text);
	return spawn_process(&s);
}

static enum svc_event spawned(struct live *v, pid_t pid)
{
	if (!is_main(v)) {
		v->control_pid = pid;
		return EV_NONE;
	}
	v->main_pid = pid;
	switch (config(v)->type) {
	case SERVICE_SIMPLE:
	case SERVICE_IDLE:
	case SERVICE_DBUS:
		return EV_READY;
	default:
		return EV_NONE;
	}
}

/* No process, no memory: the kernel may have some in a moment. The state's own
 * deadline is the end of trying. */
static enum svc_event spawn_failed(struct live *v, int why)
{
	struct manager *m = v->manager;
	uint64_t now = clock_now_us();

	if (v->backoff.wait_us == 0) {
		report_say(&m->report, REPORT_WARNING, "%s: fork: %s; trying again", v->unit->name,
		           strerror(why));
		logs_say(m, v, "slate-init: fork: %s; trying again", strerror(why));
	}
	loop_arm(&m->loop, &v->retry, backoff_next(&v->backoff, now, now));
	return EV_NONE;
}

static enum svc_event phase_done(struct live *v);

static enum svc_event run_next(struct live *v)
{
	const struct exec_list *list = &config(v)->exec[v->phase];
	pid_t pid;

	if (v->command >= list->n && !v->checking)
		return phase_done(v);
	pid = v->checking ? conditions_spawn(v) : spawn_command(v, &list->at[v->command]);
	if (pid < 0)
		return spawn_failed(v, errno);
	v->backoff = (struct backoff){ 0 };
	return spawned(v, pid);
}

enum svc_event phase_begin(struct live *v, enum service_phase phase)
{
	v->phase = phase;
	v->command = 0;
	v->phase_active = true;
	v->checking = phase == PHASE_CONDITION && !conditions_are_quick(v->unit);
	return run_next(v);
}

enum svc_event phase_retry(struct live *v)
{
	return v->phase_active && !v->control_pid ? run_next(v) : EV_NONE;
}

enum svc_event phase_settled(struct live *v)
{
	const struct service_config *c = config(v);

	if (v->main_pid || (c->type == SERVICE_FORKING && !v->main_ended_late))
		return EV_DONE;
	if (v->main_ended_late && outcome_is_failure(v->outcome))
		return EV_CRASHED;
	return c->remain_after_exit ? EV_REMAIN : EV_EXITED;
}

static enum svc_event phase_done(struct live *v)
{
	if (v->phase == PHASE_RELOAD)
		return phase_begin(v, PHASE_RELOAD_POST);
	/* as a command more, so that PID 1 does not wait for a large directory */
	if (v->phase == PHASE_STOP_POST && !v->dirs_removed && rundir_is_due(v)) {
		v->dirs_removed = true;
		v->control_pid = rundir_remove(v);
		if (v->control_pid)
			return EV_NONE;
	}
	v->phase_active = false;
	if (v->phase == PHASE_START && config(v)->type == SERVICE_FORKING)
		return mainpid_find(v) ? EV_READY : EV_NONE;
	if (v->phase == PHASE_START_POST || v->phase == PHASE_RELOAD_POST)
		return phase_settled(v);
	return EV_DONE;
}

static enum svc_event phase_broken(struct live *v, enum outcome o)
{
	v->phase_active = false;
	if (v->phase == PHASE_RELOAD || v->phase == PHASE_RELOAD_POST) {
		v->reload_failed = true;
		return phase_settled(v);
	}
	take_outcome(v, o);
	return o == OUTCOME_SKIPPED ? EV_SKIP : EV_BROKEN;
}

static enum svc_event checked(struct live *v, int status)
{
	v->checking = false;
	if (status == CONDITIONS_HOLD)
		return run_next(v);
	v->unmet = true;
	/* it was no start that StartLimitBurst= is about */
	if (v->limit.starts > 0)
		v->limit.starts--;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CONDITIONS_SKIP)
		return phase_broken(v, OUTCOME_SKIPPED);
	report_say(&v->manager->report, REPORT_ERROR, "%s: not started: an assertion is not met",
	           v->unit->name);
	return phase_broken(v, OUTCOME_ASSERT);
}

enum svc_event phase_command_ended(struct live *v, int status)
{
	const struct exec_list *list = &config(v)->exec[v->phase];
	bool is_oneshot = v->phase == PHASE_START && config(v)->type == SERVICE_ONESHOT;
	enum outcome o = outcome_of(config(v), status, false);

	if (!v->phase_active)
		return EV_NONE;
	if (v->checking)
		return checked(v, status);
	/* the removal of a directory, which is no command of the unit */
	if (v->command >= list->n)
		return phase_done(v);
	/* ExecCondition=: 1 to 254 is a no, all else is trouble */
	if (v->phase == PHASE_CONDITION && WIFEXITED(status) && WEXITSTATUS(status) > 0 &&
	    WEXITSTATUS(status) < 255)
		return phase_broken(v, OUTCOME_SKIPPED);
	if (o != OUTCOME_SUCCESS && !(list->at[v->command].flags & EXEC_IGNORE_FAILURE)) {
		if (!is_oneshot)
			logs_say(v->manager, v, "slate-init: %s failed", list->at[v->command].path);
		return phase_broken(v, o);
	}
	v->command++;
	return run_next(v);
}
