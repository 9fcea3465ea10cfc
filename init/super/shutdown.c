#include "shutdown.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "act.h"
#include "ending.h"
#include "final.h"
#include "manager.h"
#include "plan.h"

static const struct {
	const char *name, *doing, *target;
} kinds[SHUTDOWN_KINDS] = {
	[SHUTDOWN_NONE] = { "none", "", NULL },
	[SHUTDOWN_HALT] = { "halt", "halting", "halt.target" },
	[SHUTDOWN_POWEROFF] = { "poweroff", "powering off", "poweroff.target" },
	[SHUTDOWN_REBOOT] = { "reboot", "rebooting", "reboot.target" },
	[SHUTDOWN_KEXEC] = { "kexec", "starting the loaded kernel", "kexec.target" },
	[SHUTDOWN_EXIT] = { "exit", "ending", "exit.target" },
};

const char *shutdown_kind_name(enum shutdown_kind kind)
{
	return kinds[kind].name;
}

static void next_passed(struct deadline *d);

void shutdown_init(struct manager *m)
{
	m->shutdown = (struct shutdown){ .next.passed = next_passed };
}

/* --- What is unsaved: asked of the tool that knows, its answer shown --- */

/* A console that was asked to be quiet shows errors alone, and must show this. */

#define UNSAVED_SHOWN 12

static _Noreturn void exec_diff(int out)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(out, STDOUT_FILENO);
	setenv("PATH", PATH_SEARCH, 1);
	execlp("slate", "slate", "diff", "--brief", (char *)NULL);
	_exit(127);
}

static void show_unsaved(const struct report *report, FILE *in)
{
	char line[520]; /* of slate diff --brief: a class of changes each */
	unsigned n = 0;

	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		if (++n <= UNSAVED_SHOWN)
			report_say(report, REPORT_ERROR, "unsaved: %s", line);
	}
	if (n > UNSAVED_SHOWN)
		report_say(report, REPORT_ERROR, "unsaved: and %u more", n - UNSAVED_SHOWN);
}

static _Noreturn void name_unsaved(const struct report *report)
{
	int ends[2];

	prctl(PR_SET_NAME, "slate-unsaved");
	if (pipe(ends) < 0)
		_exit(1);
	if (fork() == 0)
		exec_diff(ends[1]);
	close(ends[1]);

	FILE *in = fdopen(ends[0], "r");

	if (in)
		show_unsaved(report, in);
	_exit(0);
}

static void say_unsaved(struct manager *m)
{
	pid_t pid;

	if (access(PATH_UPPER, F_OK) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		setsid();
		name_unsaved(&m->report);
	}
	if (pid > 0)
		m->shutdown.unsaved = pid;
}

/* --- Stages --- */

static void name_laggards(struct manager *m)
{
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];

		if (act_is_down(v) || !v->unit->service)
			continue;
		if (!v->main_pid && !v->control_pid && !cgroup_is_populated(&m->cgroup, v->unit))
			continue;
		report_say(&m->report, REPORT_WARNING, "%s: did not stop in time: killed",
		           v->unit->name);
		if (v->main_pid)
			kill(v->main_pid, SIGKILL);
		if (v->control_pid)
			kill(v->control_pid, SIGKILL);
		cgroup_kill(&m->cgroup, v->unit);
	}
}

static void finish(struct manager *m)
{
	enum shutdown_kind kind = m->shutdown.kind;

	m->shutdown.stage = STAGE_OVER;
	loop_disarm(&m->loop, &m->shutdown.next);
	logs_flush(m);
	if (!m->is_first)
		exit(0);
	health_bound(m);
	final_kill(m);
	if (m->in_container && kind != SHUTDOWN_REBOOT)
		exit(0);
	if (!m->in_container)
		final_unmount(m);
	final_reboot(m, kind);
	if (m->in_container)
		exit(0);
	/* refused: there is still a kernel, and nothing left to run on it but this */
	report_say(&m->report, REPORT_ERROR, "%s: refused by the kernel: %s",
	           kinds[kind].name, strerror(errno));
	loop_arm(&m->loop, &m->shutdown.next, clock_now_us() + SHUTDOWN_KILL_US);
}

static void stop_units(struct manager *m)
{
	struct err e;
	struct live *target = NULL;
	uint32_t id;

	m->shutdown.stage = STAGE_STOPPING;
	loop_arm(&m->loop, &m->shutdown.next, clock_now_us() + SHUTDOWN_STOP_US);
	target = manager_find(m, kinds[m->shutdown.kind].target, &e);
	if (target && target->unit->load == LOAD_LOADED && plan_isolate(target, &id, &e) == 0)
		return;
	plan_stop_all(m);
}

static void next_passed(struct deadline *d)
{
	struct manager *m = loop_owner(d, struct manager, shutdown.next);
	struct shutdown *s = &m->shutdown;

	if (s->stage == STAGE_SAYING) {
		if (s->unsaved)
			kill(-s->unsaved, SIGKILL);
		s->unsaved = 0;
		stop_units(m);
	} else if (s->stage == STAGE_STOPPING && !s->killed_laggards) {
		s->killed_laggards = true;
		name_laggards(m);
		loop_arm(&m->loop, &s->next, clock_now_us() + SHUTDOWN_KILL_US);
	} else {
		finish(m);
	}
}

void shutdown_begin(struct manager *m, enum shutdown_kind kind, const char *why)
{
	struct shutdown *s = &m->shutdown;

	if (s->kind != SHUTDOWN_NONE)
		return;
	s->kind = kind;
	s->begun_us = clock_now_us();
	s->stage = STAGE_SAYING;
	report_say(&m->report, REPORT_NOTICE, "%s (%s)", kinds[kind].doing, why);
	say_unsaved(m);
	if (s->unsaved)
		loop_arm(&m->loop, &s->next, s->begun_us + SHUTDOWN_SAY_US);
	else
		stop_units(m);
}

bool shutdown_reaped(struct manager *m, pid_t pid)
{
	if (!m->shutdown.unsaved || pid != m->shutdown.unsaved)
		return false;
	m->shutdown.unsaved = 0;
	if (m->shutdown.stage == STAGE_SAYING)
		stop_units(m);
	return true;
}

void shutdown_turn(struct manager *m)
{
	if (m->shutdown.stage == STAGE_STOPPING && m->jobs == 0)
		finish(m);
}

void shutdown_now(struct manager *m, enum shutdown_kind kind)
{
	report_say(&m->report, REPORT_WARNING, "%s at once", kinds[kind].doing);
	m->shutdown.kind = kind;
	if (!m->is_first || m->in_container)
		exit(0);
	health_bound(m);
	final_unmount(m);
	final_reboot(m, kind);
}

void shutdown_ctrl_alt_del(struct manager *m)
{
	struct shutdown *s = &m->shutdown;
	unsigned room = sizeof s->pressed_us / sizeof *s->pressed_us;
	uint64_t now = clock_now_us();

	/* the slot about to be overwritten is the press `room` presses ago */
	s->pressed_us[s->pressed % room] = now;
	s->pressed++;
	if (s->pressed >= room && now - s->pressed_us[s->pressed % room] <= 2000000)
		shutdown_now(m, SHUTDOWN_REBOOT);
	shutdown_begin(m, SHUTDOWN_REBOOT, "Ctrl-Alt-Del");
}

void shutdown_action(struct manager *m, enum unit_action action, const char *unit)
{
	char why[UNIT_NAME_SIZE + 32];

	snprintf(why, sizeof why, "asked for by %s", unit);
	switch (action) {
	case ACTION_NONE:
		return;
	case ACTION_REBOOT:
	case ACTION_REBOOT_FORCE:
	case ACTION_SOFT_REBOOT:
	case ACTION_SOFT_REBOOT_FORCE:
		shutdown_begin(m, SHUTDOWN_REBOOT, why);
		return;
	case ACTION_REBOOT_IMMEDIATE:
		shutdown_now(m, SHUTDOWN_REBOOT);
		return;
	case ACTION_POWEROFF:
	case ACTION_POWEROFF_FORCE:
		shutdown_begin(m, SHUTDOWN_POWEROFF, why);
		return;
	case ACTION_POWEROFF_IMMEDIATE:
		shutdown_now(m, SHUTDOWN_POWEROFF);
		return;
	case ACTION_HALT:
	case ACTION_HALT_FORCE:
		shutdown_begin(m, SHUTDOWN_HALT, why);
		return;
	case ACTION_HALT_IMMEDIATE:
		shutdown_now(m, SHUTDOWN_HALT);
		return;
	case ACTION_KEXEC:
	case ACTION_KEXEC_FORCE:
		shutdown_begin(m, SHUTDOWN_KEXEC, why);
		return;
	case ACTION_EXIT:
	case ACTION_EXIT_FORCE:
		shutdown_begin(m, m->in_container ? SHUTDOWN_EXIT : SHUTDOWN_POWEROFF, why);
		return;
	}
}
