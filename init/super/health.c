#include "health.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/confine.h"
#include "../base/span.h"
#include "manager.h"
#include "rootcheck.h"

#define LOOKS 4 /* within one timeout */

static void next(struct manager *m)
{
	uint64_t period_us = (uint64_t)m->health.dog.timeout_s * 1000000 / LOOKS;

	loop_arm(&m->loop, &m->health.tick, clock_now_us() + period_us);
}

static void say_sick(struct manager *m, const char *what, const char *why)
{
	struct health *h = &m->health;

	if (h->sick[0])
		return;
	snprintf(h->sick, sizeof h->sick, "%s%s", what, why);
	report_say(&m->report, REPORT_ERROR,
	           "watchdog: %s; unless that ends, the machine is restarted within %u s", h->sick,
	           h->dog.timeout_s);
}

/* --- Critical units --- */

static bool is_gone(const struct live *v)
{
	switch (v->service.state) {
	case SVC_CHECKING: /* on its way, which has a time limit of its own */
	case SVC_PREPARING:
	case SVC_STARTING:
	case SVC_FINISHING:
	case SVC_UP:
	case SVC_EXITED:
	case SVC_RELOADING:
		return false;
	case SVC_DOWN:
	case SVC_FAILED:
		/* somebody has stopped it by hand, and knows */
		return !(v->stop_wanted && v->begun_us);
	default:
		return true;
	}
}

/* The first of them that is gone; "" in *name: none. */
static void find_gone(struct manager *m, struct span *name)
{
	struct span list = span_of(m->settings.critical), word;
	char unit[UNIT_NAME_SIZE];

	*name = span_of("");
	while (span_word(&list, ", ", &word)) {
		if (!span_copy(word, unit, sizeof unit))
			continue;

		unsigned index = unit_find(m->set, unit);

		if (index == UNIT_NONE || index >= m->live_n) {
			if (!m->health.told_unknown)
				report_say(&m->report, REPORT_WARNING,
				           "slate.critical=: %s: no such unit; it is not looked at", unit);
			m->health.told_unknown = true;
		} else if (is_gone(m->live[index])) {
			*name = word;
			return;
		}
	}
}

/* Before the machine is up, and when it ends or is being repaired, they may be down. */
static bool are_wanted(const struct manager *m)
{
	return m->set && m->settings.critical[0] && m->finished_us &&
	       m->shutdown.kind == SHUTDOWN_NONE && strcmp(m->goals[0], "default.target") == 0;
}

static bool units_are_well(struct manager *m)
{
	struct health *h = &m->health;
	struct span gone = { "", 0 };
	char name[UNIT_NAME_SIZE];

	if (are_wanted(m))
		find_gone(m, &gone);
	if (gone.len == 0) {
		h->missing_us = 0;
		return true;
	}
	if (!h->missing_us)
		h->missing_us = clock_now_us();
	if (clock_now_us() - h->missing_us < HEALTH_GRACE_S * 1000000ull)
		return true;
	span_copy(gone, name, sizeof name);
	say_sick(m, name, " is gone");
	return false;
}

/* --- The root --- */

static void start_probe(struct manager *m)
{
	struct health *h = &m->health;
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_NAME, "slate-health");
		confine_reader();
		_exit(rootcheck_run());
	}
	/* no process to be had: that says nothing about the root */
	if (pid < 0)
		h->due = units_are_well(m);
	if (pid <= 0)
		return;
	h->probe = pid;
	h->probe_us = clock_now_us();
}

/* Who lets the medium be pulled out has other plans for when it is. */
static bool root_matters(const struct manager *m)
{
	return m->settings.onyank != ONYANK_IGNORE && m->settings.onyank != ONYANK_WARN &&
	       m->shutdown.kind == SHUTDOWN_NONE;
}

static void passed(struct deadline *d)
{
	struct manager *m = loop_owner(d, struct manager, health.tick);
	struct health *h = &m->health;

	next(m);
	if (!root_matters(m))
		h->due = units_are_well(m);
	else if (!h->probe)
		start_probe(m);
	else
		say_sick(m, "the root does not answer", "");
}

bool health_reaped(struct manager *m, pid_t pid, int status)
{
	struct health *h = &m->health;

	if (!h->probe || pid != h->probe)
		return false;
	h->probe = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		say_sick(m, "the root can't be read: ", strerror(WEXITSTATUS(status)));
	else if (WIFEXITED(status))
		h->due = units_are_well(m);
	return true;
}

void health_turn(struct manager *m)
{
	struct health *h = &m->health;

	if (!h->due || h->dog.fd < 0)
		return;
	h->due = false;
	watchdog_feed(&h->dog);
	if (h->sick[0])
		report_say(&m->report, REPORT_NOTICE, "watchdog: all is well again");
	h->sick[0] = '\0';
}

/* --- Beginning and end --- */

static void begin(struct manager *m)
{
	report_say(&m->report, REPORT_INFO, "watchdog: %s, %u s", m->health.dog.name,
	           m->health.dog.timeout_s);
	m->health.tick.passed = passed;
	loop_arm(&m->loop, &m->health.tick, clock_now_us());
}

void health_open(struct manager *m, int fd)
{
	struct err e;

	m->health = (struct health){ .dog.fd = -1 };
	if (fd < 0) {
		health_look(m);
		return;
	}
	if (watchdog_take(&m->health.dog, fd, &e) < 0)
		report_say(&m->report, REPORT_ERROR, "watchdog: %s", e.text);
	else
		begin(m);
}

void health_look(struct manager *m)
{
	uint64_t wanted_s = m->settings.watchdog_s;
	struct err e;

	if (m->health.dog.fd >= 0 || m->in_container || !m->is_first || wanted_s == 0)
		return;
	if (wanted_s < WATCHDOG_LEAST_S)
		wanted_s = WATCHDOG_LEAST_S;

	int result = watchdog_open(&m->health.dog, WATCHDOG_DEVICE, (unsigned)wanted_s, &e);

	if (result < 0)
		report_say(&m->report, REPORT_WARNING, "watchdog: %s; it is not used", e.text);
	else if (result > 0)
		begin(m);
}

int health_keep(struct manager *m)
{
	int fd = m->health.dog.fd;

	if (fd < 0 || fcntl(fd, F_SETFD, 0) < 0)
		return -1;
	watchdog_feed(&m->health.dog);
	return fd;
}

void health_bound(struct manager *m)
{
	struct watchdog *dog = &m->health.dog;

	if (dog->fd < 0)
		return;
	if (dog->timeout_s < HEALTH_END_S)
		watchdog_set_timeout(dog, HEALTH_END_S);
	watchdog_feed(dog);
}

void health_end(struct manager *m, enum shutdown_kind kind)
{
	struct err e;

	if (kind == SHUTDOWN_REBOOT)
		watchdog_feed(&m->health.dog);
	else if (watchdog_disarm(&m->health.dog, &e) < 0)
		report_say(&m->report, REPORT_WARNING, "watchdog: %s", e.text);
}
