#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "act.h"
#include "mainpid.h"
#include "manager.h"
#include "state.h"

#define IN_A_ROW_MAX 5         /* crashes, before the machine is restarted */
#define STEADY_US 30000000     /* a run of this length is no part of the row */

/* What a handler needs and can be given in no other way. */
static struct manager *guarded;
static volatile sig_atomic_t depth;
/* A frame with all vector registers takes some 11 kB, and signals that are sent all
 * at once nest. Pages that are not touched cost nothing. */
static char stack[128 * 1024];

static void put_number(char *to, unsigned long value, unsigned base)
{
	char digits[24];
	int n = 0;

	do
		digits[n++] = "0123456789abcdef"[value % base];
	while ((value /= base) && n < 20);
	while (n > 0)
		*to++ = digits[--n];
	*to = '\0';
}

/* Puts `more` behind what is in `text`, as far as it fits. */
static void add(char *text, size_t size, const char *more)
{
	size_t at = strlen(text), len = strlen(more);

	if (len >= size - at)
		len = size - at - 1;
	memcpy(text + at, more, len);
	text[at + len] = '\0';
}

static void say(const char *what, int sig, const void *at)
{
	char number[24], text[200];
	int fd = guarded->report.kmsg >= 0 ? guarded->report.kmsg : STDERR_FILENO;

	text[0] = '\0';
	add(text, sizeof text, "<2>slate-init: fault: signal ");
	put_number(number, (unsigned long)sig, 10);
	add(text, sizeof text, number);
	add(text, sizeof text, " at 0x");
	put_number(number, (unsigned long)at, 16);
	add(text, sizeof text, number);
	add(text, sizeof text, "; ");
	add(text, sizeof text, what);
	add(text, sizeof text, "\n");
	if (write(fd, text, strlen(text)) < 0)
		return;
}

/* Makes "--NAME=NUMBER" the next argument. */
static char **add_number(char **argv, char *text, unsigned long number)
{
	put_number(text + strlen(text), number, 10);
	*argv++ = text;
	return argv;
}

static void exec_again(struct manager *m, int state)
{
	char state_arg[40] = "--state=", row_arg[40] = "--in-a-row=", dog_arg[40] = "--watchdog=";
	char name[] = "slate-init";
	char *argv[5] = { name }, **next = argv + 1;
	bool steady = clock_now_us() - m->started_us > STEADY_US;
	int dog = health_keep(m);

	next = add_number(next, row_arg, steady ? 1 : (unsigned long)m->crashes + 1);
	if (state >= 0)
		next = add_number(next, state_arg, (unsigned long)state);
	if (dog >= 0)
		next = add_number(next, dog_arg, (unsigned long)dog);
	*next = NULL;
	execve("/proc/self/exe", argv, environ);
}

static void give_up(struct manager *m)
{
	unsigned seconds = m->settings.panic_s ? (unsigned)m->settings.panic_s : 10;

	while (seconds > 0)
		seconds = sleep(seconds);
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

static bool was_sent(const siginfo_t *info)
{
	return info->si_code <= 0 && info->si_pid != 0 && info->si_pid != getpid();
}

static void fault(int sig, siginfo_t *info, void *context)
{
	struct manager *m = guarded;

	(void)context;
	if (was_sent(info))
		return;
	depth++;
	if (depth > 2 || m->crashes >= IN_A_ROW_MAX) {
		say("the machine is restarted", sig, info->si_addr);
		give_up(m);
	}
	say(depth == 1 ? "starting anew; services go on" : "starting anew without knowing what ran",
	    sig, info->si_addr);
	exec_again(m, depth == 1 ? state_write(m->live, m->live_n) : -1);
	give_up(m);
}

void crash_guard(struct manager *m)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP };
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof stack };
	struct sigaction action = { .sa_sigaction = fault };

	/* elsewhere a crash is a crash, with its core */
	if (!m->is_first)
		return;
	guarded = m;
	sigaltstack(&alternate, NULL);
	action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		sigaction(faults[i], &action, NULL);
}

void crash_replace(struct manager *m)
{
	logs_flush(m);
	m->crashes = -1;
	exec_again(m, state_write(m->live, m->live_n));
}

void crash_arguments(int argc, char **argv, struct handed *out)
{
	const struct {
		const char *name;
		int *to;
	} rows[] = {
		{ "--in-a-row=", &out->crashes },
		{ "--state=", &out->state },
		{ "--watchdog=", &out->watchdog },
	};

	*out = (struct handed){ 0, -1, -1 };
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
			if (strncmp(argv[i], rows[k].name, strlen(rows[k].name)) == 0)
				*rows[k].to = atoi(argv[i] + strlen(rows[k].name));
}

/* --- Taking over --- */

static void take_log(struct live *v, const struct state_record *r)
{
	if (r->log_read < 0 || fcntl(r->log_read, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(r->log_write, F_SETFD, FD_CLOEXEC) < 0)
		return;
	v->log_read = r->log_read;
	v->log_write = r->log_write;
}

/* What was on its way up or down can't be followed any further: it is ended, and
 * started again if it is wanted. */
static void take_service(struct live *v, const struct state_record *r)
{
	enum svc_state s = (enum svc_state)r->state;

	if (s == SVC_RELOADING || s == SVC_FINISHING)
		s = SVC_UP;
	if (s == SVC_WAITING || (s != SVC_UP && s != SVC_EXITED && s != SVC_FAILED && s != SVC_DOWN)) {
		cgroup_kill(&v->manager->cgroup, v->unit);
		s = SVC_DOWN;
	}
	v->service.state = s;
	if (s != SVC_UP)
		return;
	if (r->main_pid && !mainpid_set(v, r->main_pid, true))
		v->service.state = SVC_DOWN;
	v->watchdog_us = v->unit->service->watchdog_us;
	if (v->watchdog_us)
		loop_arm(&v->manager->loop, &v->watchdog, clock_now_us() + v->watchdog_us);
}

static void take_over(struct manager *m, const struct state_record *r)
{
	struct err e;
	struct live *v = manager_find(m, r->name, &e);

	if (!v)
		return;
	take_log(v, r);
	v->outcome = (enum outcome)r->outcome;
	v->restarts = r->restarts;
	v->begun_us = r->begun_us;
	v->invocation = invocation_next(&v->manager->invocations);
	v->up_us = r->up_us;
	v->changed_us = r->changed_us;
	if (v->unit->service)
		take_service(v, r);
	else if (r->state == SVC_UP && !v->unit->reason[0])
		v->service.state = SVC_UP;
}

void crash_recover(struct manager *m, int fd)
{
	struct state_record *records = calloc(UNIT_SET_MAX, sizeof *records);
	struct err e = { 0 };
	int n = records ? state_read(fd, records, UNIT_SET_MAX, &e) : -1;

	for (int i = 0; i < n; i++)
		take_over(m, &records[i]);
	report_say(&m->report, REPORT_WARNING, n < 0 ? "took over nothing: %s" : "took over the units%s",
	           e.text);
	free(records);
	close(fd);
}
