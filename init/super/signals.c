#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "manager.h"
#include "plan.h"

#define REAP_MAX 256
#define RTMIN 34 /* the first one in glibc's count, which is what senders use */

static void reaped(struct manager *m, pid_t pid, int status)
{
	if (logs_reaped(m, pid) || shutdown_reaped(m, pid) || health_reaped(m, pid, status))
		return;
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];

		if (v->main_pid == pid) {
			act_main_ended(v, status);
			return;
		}
		if (v->control_pid == pid) {
			act_control_ended(v, status);
			return;
		}
	}
}

void signals_reap(struct manager *m)
{
	int status;
	pid_t pid = 0;
	int n = 0;

	m->reap_more = false;
	while (n < REAP_MAX && (pid = waitpid(-1, &status, WNOHANG)) > 0) {
		reaped(m, pid, status);
		n++;
	}
	m->reap_more = n == REAP_MAX;
}

/* --- Requests --- */

static void go_to(struct manager *m, const char *target)
{
	struct err e = { 0 };
	uint32_t id;
	struct live *v = manager_find(m, target, &e);

	if (m->shutdown.kind != SHUTDOWN_NONE)
		return;
	if (!v || plan_isolate(v, &id, &e) < 0)
		report_say(&m->report, REPORT_ERROR, "%s: %s", target, e.text);
}

static void reload(struct manager *m)
{
	struct err e;

	if (m->shutdown.kind == SHUTDOWN_NONE && manager_reload(m, &e) < 0)
		report_say(&m->report, REPORT_ERROR, "reload: %s", e.text);
}

static const struct {
	int sig;
	enum shutdown_kind kind;
	bool now;
} ends[] = {
	{ SIGUSR1, SHUTDOWN_HALT, false },
	{ SIGUSR2, SHUTDOWN_POWEROFF, false },
	{ SIGPWR, SHUTDOWN_POWEROFF, false },
	{ SIGTERM, SHUTDOWN_REBOOT, false },
	{ RTMIN + 3, SHUTDOWN_HALT, false },
	{ RTMIN + 4, SHUTDOWN_POWEROFF, false },
	{ RTMIN + 5, SHUTDOWN_REBOOT, false },
	{ RTMIN + 6, SHUTDOWN_KEXEC, false },
	{ RTMIN + 13, SHUTDOWN_HALT, true },
	{ RTMIN + 14, SHUTDOWN_POWEROFF, true },
	{ RTMIN + 15, SHUTDOWN_REBOOT, true },
	{ RTMIN + 16, SHUTDOWN_KEXEC, true },
};

static const struct {
	int sig;
	const char *target;
} targets[] = {
	{ RTMIN + 0, "default.target" },
	{ RTMIN + 1, "rescue.target" },
	{ RTMIN + 2, "emergency.target" },
};

static void take(struct manager *m, int sig)
{
	if (sig == SIGCHLD) {
		signals_reap(m);
	} else if (sig == SIGINT && !m->in_container) {
		shutdown_ctrl_alt_del(m);
	} else if ((sig == SIGTERM || sig == SIGINT) && m->in_container) {
		/* how a container's manager asks it to end */
		shutdown_begin(m, SHUTDOWN_EXIT, strsignal(sig));
	} else if (sig == SIGHUP) {
		reload(m);
	}
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (ends[i].sig != sig)
			continue;
		if (ends[i].now)
			shutdown_now(m, ends[i].kind);
		else
			shutdown_begin(m, ends[i].kind, strsignal(sig));
	}
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		if (targets[i].sig == sig)
			go_to(m, targets[i].target);
}

static void ready(struct source *self, uint32_t events)
{
	struct manager *m = loop_owner(self, struct manager, signals);
	struct signalfd_siginfo info[8];
	ssize_t n = read(self->fd, info, sizeof info);

	(void)events;
	for (ssize_t i = 0; i < n / (ssize_t)sizeof *info; i++)
		take(m, (int)info[i].ssi_signo);
}

int signals_open(struct manager *m, struct err *e)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	sigset_t set;

	/* whoever executed us may have ignored some, and services would inherit that */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigfillset(&set);
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigdelset(&set, faults[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0)
		return err_sys(e, "block signals");
	m->signals = (struct source){ -1, EPOLLIN, ready };
	m->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (m->signals.fd < 0)
		return err_sys(e, "signalfd");
	if (loop_add(&m->loop, &m->signals) < 0)
		return err_sys(e, "watch signals");
	return 0;
}
