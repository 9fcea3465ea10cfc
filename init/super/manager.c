#include "manager.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "act.h"
#include "ending.h"
#include "job.h"
#include "mainpid.h"
#include "signals.h"

#define LOAD_MS 20000 /* for reading all unit files, in a child */
#define DEADLINES 3   /* in a live struct */
#define OTHERS 16     /* deadlines of everything else: shutdown, logs, clients */

static const char *const no_goals[] = { NULL };

/* --- Live structs --- */

static struct live *make_live(struct manager *m)
{
	struct live *v = calloc(1, sizeof *v);

	if (!v)
		return NULL;
	v->manager = m;
	v->service.state = SVC_DOWN;
	v->main_status = -1;
	v->main_pidfd.fd = v->exec_pipe.fd = -1;
	v->cgroup_watch = v->pid_file_watch = -1;
	v->log_read = v->log_write = -1;
	v->timeout.passed = act_timeout;
	v->retry.passed = act_retry;
	v->watchdog.passed = act_watchdog;
	return v;
}

static void free_live(struct live *v)
{
	if (!v)
		return;
	ending_settled(v);
	loop_disarm(&v->manager->loop, &v->timeout);
	logs_forget(v);
	free(v);
}

static int grow(struct manager *m, unsigned n, struct err *e)
{
	if (n <= m->live_room)
		return 0;

	unsigned room = n + 16;
	struct live **live = realloc(m->live, room * sizeof *live);
	uint16_t *queue, *stack;

	if (live)
		m->live = live;
	queue = calloc(room, sizeof *queue);
	stack = calloc(2 * (size_t)room, sizeof *stack);
	if (!live || !queue || !stack || loop_reserve(&m->loop, DEADLINES * room + OTHERS, e) < 0) {
		free(queue);
		free(stack);
		return err_sys(e, "room for %u units", n);
	}
	for (unsigned i = 0; i < m->queue_n; i++)
		queue[i] = m->queue[(m->queue_first + i) % m->live_room];
	free(m->queue);
	free(m->stack);
	m->queue = queue;
	m->queue_first = 0;
	m->stack = stack;
	m->live_room = room;
	return 0;
}

/* Of the last load or add. */
static void say_messages(struct manager *m)
{
	static const enum report_level levels[] = {
		[UNIT_NOTE] = REPORT_INFO, [UNIT_WARNING] = REPORT_WARNING, [UNIT_ERROR] = REPORT_ERROR,
	};

	for (unsigned i = 0; i < m->set->messages_n; i++)
		report_say(&m->report, levels[m->set->messages[i].severity], "%s",
		           m->set->messages[i].text);
}

/* Brings the live structs in line with a set that has grown. */
static int follow_set(struct manager *m, struct err *e)
{
	if (grow(m, m->set->n, e) < 0)
		return -1;
	for (unsigned i = m->live_n; i < m->set->n; i++) {
		m->live[i] = make_live(m);
		if (!m->live[i])
			return err_sys(e, "room for %s", m->set->units[i]->name);
		m->live[i]->index = i;
		m->live[i]->unit = m->set->units[i];
		m->live_n = i + 1;
	}
	return 0;
}

int manager_load(struct manager *m, const char *const *goals, struct err *e)
{
	struct unit_source source = { .root = m->root };

	if (unit_set_load_apart(&m->set, &source, goals, LOAD_MS, e) < 0 &&
	    unit_set_load_apart(&m->set, &source, no_goals, LOAD_MS, e) < 0)
		return -1;
	say_messages(m);
	return follow_set(m, e);
}

struct live *manager_find(struct manager *m, const char *name, struct err *e)
{
	struct unit_source source = { .root = m->root };
	unsigned index = unit_find(m->set, name);

	if (index == UNIT_NONE) {
		if (unit_set_add_apart(m->set, &source, name, LOAD_MS, e) < 0)
			return NULL;
		say_messages(m);
		if (follow_set(m, e) < 0)
			return NULL;
		index = unit_find(m->set, name);
	}
	if (index == UNIT_NONE || index >= m->live_n) {
		err_say(e, "%s: not found", name);
		return NULL;
	}
	return m->live[index];
}

/* --- Loading anew --- */

/* What must be in the new set: the goals, and whatever is not simply down. */
static const char **names_in_use(struct manager *m)
{
	const char **names = calloc(m->live_n + MANAGER_GOALS_MAX + 1, sizeof *names);
	unsigned n = 0;

	if (!names)
		return NULL;
	for (unsigned i = 0; i < MANAGER_GOALS_MAX && m->goals[i][0]; i++)
		names[n++] = m->goals[i];
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];

		if (v->service.state != SVC_DOWN || v->job.kind != JOB_NONE)
			names[n++] = v->unit->name;
	}
	return names;
}

static bool uses_set(const struct manager *m, const struct unit_set *set)
{
	const char *from = set->arena.at;

	for (unsigned i = 0; i < m->live_n; i++) {
		const char *at = (const char *)m->live[i]->unit;

		if (at >= from && at < from + set->arena.size)
			return true;
	}
	return false;
}

/* A service whose file is gone while it runs is still stopped as the file said. */
static bool keeps_old_unit(const struct live *v, const struct unit *now)
{
	return v->unit->service && !now->service && v->service.state != SVC_DOWN &&
	       v->service.state != SVC_FAILED;
}

static void drop_unused_sets(struct manager *m)
{
	for (unsigned i = 0; i < MANAGER_KEPT_MAX; i++)
		if (m->kept[i] && !uses_set(m, m->kept[i])) {
			unit_set_free(m->kept[i]);
			m->kept[i] = NULL;
		}
}

static int keep_set(struct manager *m, struct unit_set *old, struct err *e)
{
	drop_unused_sets(m);
	for (unsigned i = 0; i < MANAGER_KEPT_MAX; i++)
		if (!m->kept[i]) {
			m->kept[i] = old;
			return 0;
		}
	return err_say(e, "services whose unit files are gone still run: stop them first");
}

static void swap(struct manager *m, struct unit_set *set, struct live **live)
{
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];
		unsigned index = unit_find(set, v->unit->name);

		if (index == UNIT_NONE || live[index]) {
			free_live(v);
			continue;
		}
		free_live(live[index]);
		live[index] = v;
		v->index = index;
		if (!keeps_old_unit(v, set->units[index]))
			v->unit = set->units[index];
	}
	memcpy(m->live, live, set->n * sizeof *live);
	m->live_n = set->n;
	m->set = set;
}

static int fill_gaps(struct manager *m, struct err *e)
{
	for (unsigned i = 0; i < m->live_n; i++) {
		if (m->live[i])
			continue;
		m->live[i] = m->spare[--m->spare_n];
		m->live[i]->index = i;
		m->live[i]->unit = m->set->units[i];
	}
	while (m->spare_n > 0)
		free(m->spare[--m->spare_n]);
	free(m->spare);
	m->spare = NULL;
	jobs_look_again(m);
	control_server_units_changed(m);
	return keep_set(m, m->old_set, e);
}

/* Everything that can fail for want of memory comes before the first change. */
static int prepare(struct manager *m, struct unit_set *set, struct live ***live, struct err *e)
{
	*live = calloc(set->n, sizeof **live);
	m->spare = calloc(set->n, sizeof *m->spare);
	m->spare_n = 0;
	if (!*live || !m->spare || grow(m, set->n, e) < 0)
		return err_sys(e, "room for %u units", set->n);
	while (m->spare_n < set->n) {
		m->spare[m->spare_n] = make_live(m);
		if (!m->spare[m->spare_n])
			return err_sys(e, "room for %u units", set->n);
		m->spare_n++;
	}
	return 0;
}

static void give_back(struct manager *m, struct unit_set *set, struct live **live)
{
	while (m->spare && m->spare_n > 0)
		free(m->spare[--m->spare_n]);
	free(m->spare);
	m->spare = NULL;
	free(live);
	unit_set_free(set);
}

static bool has_room_to_keep(struct manager *m)
{
	drop_unused_sets(m);
	for (unsigned i = 0; i < MANAGER_KEPT_MAX; i++)
		if (!m->kept[i])
			return true;
	return false;
}

int manager_reload(struct manager *m, struct err *e)
{
	struct unit_source source = { .root = m->root };
	const char **names = names_in_use(m);
	struct unit_set *set;
	struct live **live = NULL;
	int loaded;

	if (!names)
		return err_sys(e, "list of units");
	if (!has_room_to_keep(m)) {
		free(names);
		return err_say(e, "services whose unit files are gone still run: stop them first");
	}
	loaded = unit_set_load_apart(&set, &source, names, LOAD_MS, e);
	free(names);
	if (loaded < 0)
		return -1;
	if (prepare(m, set, &live, e) < 0) {
		give_back(m, set, live);
		return -1;
	}
	logs_flush(m);
	m->old_set = m->set;
	swap(m, set, live);
	free(live);
	say_messages(m);
	if (fill_gaps(m, e) < 0)
		return -1;
	drop_unused_sets(m);
	return 0;
}

/* --- A turn --- */

static void say_finished(struct manager *m)
{
	unsigned failed = 0;

	for (unsigned i = 0; i < m->live_n; i++)
		failed += m->live[i]->service.state == SVC_FAILED;
	if (failed)
		report_say(&m->report, REPORT_WARNING, "up, but %u units have failed: see `slate status`",
		           failed);
	else
		report_say(&m->report, REPORT_INFO, "up after %u ms",
		           (unsigned)((m->finished_us - m->started_us) / 1000));
	m->said_finished = true;
	health_look(m);
}

void manager_turn(struct manager *m)
{
	jobs_run(m);
	shutdown_turn(m);
	if (m->finished_us && !m->said_finished)
		say_finished(m);
	if (loop_turn(&m->loop, m->reap_more || m->queue_n ? 0 : UINT64_MAX) < 0) {
		struct timespec pause = { 0, 100000000 };

		/* must not be; must not become a spin either */
		report_say(&m->report, REPORT_ERROR, "waiting for events: %s", strerror(errno));
		nanosleep(&pause, NULL);
	}
	if (m->reap_more)
		signals_reap(m);
	health_turn(m);
}
