#include "control_verbs.h"

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "act.h"
#include "crash.h"
#include "ending.h"
#include "hookunits.h"
#include "job.h"
#include "manager.h"
#include "plan.h"

void control_fail(struct control_client *c, const struct err *e)
{
	if (!c->error[0])
		snprintf(c->error, sizeof c->error, "%.*s", (int)sizeof c->error - 1, e->text);
	c->failed = true;
}

/* --- Descriptions --- */

__attribute__((format(printf, 3, 4)))
static void put(struct control_client *c, const char *key, const char *fmt, ...)
{
	char value[600];
	size_t room = sizeof c->packet - c->packet_len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof value, fmt, ap);
	va_end(ap);
	report_clean(value);

	int n = snprintf(c->packet + c->packet_len, room, "%s=%s\n", key, value);

	if (n > 0 && (size_t)n < room)
		c->packet_len += (size_t)n;
}

static void put_time(struct control_client *c, const char *key, uint64_t us)
{
	if (us)
		put(c, key, "%" PRIu64, us);
}

static void put_dep_names(struct control_client *c, const char *key, const struct live *v,
                          enum unit_dep kind)
{
	struct unit_deps list = unit_deps(v->manager->set, v->index, kind);
	char names[512];
	size_t len = 0;

	for (unsigned i = 0; i < list.n; i++) {
		const char *name = v->manager->live[list.at[i]]->unit->name;

		if (len + strlen(name) + 2 > sizeof names)
			break;
		len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", len ? " " : "", name);
	}
	if (len)
		put(c, key, "%s", names);
}

static const char *active_name(const struct live *v)
{
	return service_active_name(v->service.state);
}

static const char *sub_name(const struct live *v)
{
	if (v->unit->service)
		return service_state_name(v->service.state);
	return act_is_up(v) ? "active" : service_state_name(v->service.state);
}

static void put_processes(struct control_client *c, const struct live *v)
{
	char path[CGROUP_PATH_SIZE];

	put(c, "result", "%s", outcome_name(v->outcome));
	if (v->main_pid)
		put(c, "main_pid", "%d", (int)v->main_pid);
	if (v->control_pid)
		put(c, "control_pid", "%d", (int)v->control_pid);
	if (v->main_status != -1)
		put(c, "exit", "%s", child_describe(v->main_status));
	put(c, "restarts", "%u", v->restarts);
	if (v->status_text[0])
		put(c, "status", "%s", v->status_text);
	cgroup_path(v->unit, path);
	if (v->manager->cgroup.root >= 0)
		put(c, "cgroup", "%s", path);
}

static void describe(struct control_client *c, const struct live *v)
{
	const struct unit *u = v->unit;

	c->packet_len = 0;
	put(c, "unit", "%s", u->name);
	put(c, "type", "%s", unit_type_name(u->type));
	put(c, "load", "%s", unit_load_name(u->load));
	put(c, "active", "%s", active_name(v));
	put(c, "sub", "%s", sub_name(v));
	put(c, "description", "%s", u->description);
	if (u->reason[0])
		put(c, "reason", "%s", u->reason);
	if (u->fragment)
		put(c, "fragment", "%s", u->fragment);
	if (v->job.kind != JOB_NONE)
		put(c, "job", "%s", job_kind_name(v->job.kind));
	put_time(c, "begun_us", v->begun_us);
	put_time(c, "up_us", v->up_us);
	put_time(c, "changed_us", v->changed_us);
	put_dep_names(c, "requires", v, DEP_REQUIRES);
	put_dep_names(c, "wants", v, DEP_WANTS);
	put_dep_names(c, "after", v, DEP_AFTER);
	if (u->service)
		put_processes(c, v);
}

bool control_list_next(struct control_client *c)
{
	struct manager *m = c->manager;
	unsigned n = c->listed_some ? c->units_n : m->live_n;

	if (c->cursor >= n)
		return false;

	unsigned index = c->listed_some ? c->units[c->cursor] : c->cursor;

	c->cursor++;
	describe(c, m->live[index < m->live_n ? index : 0]);
	return true;
}

static void put_watchdog(struct control_client *c, const struct health *h)
{
	if (h->dog.fd < 0)
		return;
	put(c, "watchdog", "%s", h->dog.name);
	put(c, "watchdog_s", "%u", h->dog.timeout_s);
	if (h->sick[0])
		put(c, "watchdog_sick", "%s", h->sick);
}

static void describe_manager(struct control_client *c)
{
	struct manager *m = c->manager;
	unsigned failed = 0;

	for (unsigned i = 0; i < m->live_n; i++)
		failed += m->live[i]->service.state == SVC_FAILED;
	put(c, "version", "%s", SLATE_VERSION);
	put(c, "units", "%u", m->live_n);
	put(c, "failed", "%u", failed);
	put(c, "jobs", "%u", m->jobs);
	put(c, "container", "%s", m->in_container ? "yes" : "no");
	put(c, "cgroups", "%s", m->cgroup.root >= 0 ? "yes" : "no");
	put(c, "shutdown", "%s", shutdown_kind_name(m->shutdown.kind));
	put_time(c, "started_us", m->started_us);
	put_time(c, "finished_us", m->finished_us);
	put_watchdog(c, &m->health);
}

/* --- Requests --- */

/* Names without a type are services, as everywhere. */
static struct live *named(struct control_client *c, const char *name, struct err *e)
{
	char full[UNIT_NAME_SIZE];

	if (snprintf(full, sizeof full, "%s%s", name, strchr(name, '.') ? "" : ".service") >=
	    (int)sizeof full) {
		err_say(e, "%.40s…: name too long", name);
		return NULL;
	}
	return manager_find(c->manager, full, e);
}

static void list(struct control_client *c, const struct control_request *r)
{
	struct err e;

	c->stage = CLIENT_LISTS;
	c->listed_some = r->n > 0;
	for (unsigned i = 0; i < r->n; i++) {
		struct live *v = named(c, r->args[i], &e);

		if (v)
			c->units[c->units_n++] = (uint16_t)v->index;
		else
			control_fail(c, &e);
	}
}

static void wait_for(struct control_client *c, uint32_t id)
{
	if (id && c->jobs_n < CONTROL_JOBS_MAX)
		c->jobs[c->jobs_n++] = id;
}

static int job_for(struct live *v, enum control_verb verb, enum job_kind *kind, struct err *e)
{
	const struct service_config *s = v->unit->service;
	bool reloads = !s || s->exec[PHASE_RELOAD].n || s->type == SERVICE_NOTIFY_RELOAD;

	switch (verb) {
	case CONTROL_START:
		*kind = JOB_START;
		break;
	case CONTROL_STOP:
		*kind = JOB_STOP;
		break;
	case CONTROL_RELOAD:
		*kind = JOB_RELOAD;
		if (!reloads)
			return err_say(e, "%s has no ExecReload=", v->unit->name);
		if (!act_is_up(v))
			return err_say(e, "%s is not running", v->unit->name);
		break;
	case CONTROL_TRY_RESTART:
		*kind = act_is_down(v) ? JOB_NONE : JOB_RESTART;
		break;
	case CONTROL_RELOAD_OR_RESTART:
		*kind = reloads && act_is_up(v) ? JOB_RELOAD : JOB_RESTART;
		break;
	default:
		*kind = JOB_RESTART;
		break;
	}
	if (v->unit->refuse_manual_start && *kind != JOB_STOP && *kind != JOB_NONE)
		return err_say(e, "%s may not be started by hand", v->unit->name);
	if (v->unit->refuse_manual_stop && (*kind == JOB_STOP || *kind == JOB_RESTART))
		return err_say(e, "%s may not be stopped by hand", v->unit->name);
	return 0;
}

static void give_job(struct control_client *c, struct live *v, enum control_verb verb, bool no_wait)
{
	enum job_kind kind;
	struct err e;
	uint32_t id = 0;

	if (job_for(v, verb, &kind, &e) < 0) {
		control_fail(c, &e);
		return;
	}
	if (kind == JOB_NONE)
		return;
	if (plan_job(v, kind, &id, &e) < 0)
		control_fail(c, &e);
	else if (!no_wait)
		wait_for(c, id);
}

static void give_jobs(struct control_client *c, const struct control_request *r)
{
	struct err e;

	if (c->manager->shutdown.kind != SHUTDOWN_NONE && r->verb != CONTROL_STOP) {
		err_say(&e, "the machine is going down");
		control_fail(c, &e);
		return;
	}
	for (unsigned i = 0; i < r->n; i++) {
		struct live *v = named(c, r->args[i], &e);

		if (v)
			give_job(c, v, r->verb, r->no_wait);
		else
			control_fail(c, &e);
	}
}

static void isolate(struct control_client *c, const struct control_request *r)
{
	struct err e;
	struct live *v = named(c, r->args[0], &e);
	uint32_t id;

	if (!v)
		control_fail(c, &e);
	else if (!v->unit->allow_isolate && err_say(&e, "%s has no AllowIsolate=yes", v->unit->name))
		control_fail(c, &e);
	else if (plan_isolate(v, &id, &e) < 0)
		control_fail(c, &e);
	else if (!r->no_wait)
		wait_for(c, id);
}

static void send_signal(struct control_client *c, const struct control_request *r)
{
	int sig = atoi(r->args[0]);
	bool all = strcmp(r->args[1], "all") == 0;
	struct err e;

	if (sig < 1 || sig > 64) {
		err_say(&e, "no such signal: %.20s", r->args[0]);
		control_fail(c, &e);
		return;
	}
	for (unsigned i = 2; i < r->n; i++) {
		struct live *v = named(c, r->args[i], &e);

		if (!v)
			control_fail(c, &e);
		else if (!v->unit->service || ending_signal(v, sig, all) == 0) {
			err_say(&e, "%s has no process", v->unit->name);
			control_fail(c, &e);
		}
	}
}

static void forget_failure(struct live *v)
{
	if (v->service.state == SVC_FAILED)
		v->service.state = SVC_DOWN;
	v->limit = (struct start_limit){ 0 };
	v->restarts = 0;
}

static void reset_failed(struct control_client *c, const struct control_request *r)
{
	struct manager *m = c->manager;
	struct err e;

	for (unsigned i = 0; r->n == 0 && i < m->live_n; i++)
		forget_failure(m->live[i]);
	for (unsigned i = 0; i < r->n; i++) {
		struct live *v = named(c, r->args[i], &e);

		if (v)
			forget_failure(v);
		else
			control_fail(c, &e);
	}
}

static void daemon_reload(struct control_client *c, const struct control_request *r)
{
	struct err e;

	(void)r;
	hookunits_prepare(&c->manager->report, c->manager->settings.name);
	if (manager_reload(c->manager, &e) < 0)
		control_fail(c, &e);
}

static void daemon_reexec(struct control_client *c, const struct control_request *r)
{
	struct err e;

	(void)r;
	/* the client reads the end of the connection as its answer */
	crash_replace(c->manager);
	err_sys(&e, "execute slate-init again");
	control_fail(c, &e);
}

static void shut_down(struct control_client *c, const struct control_request *r)
{
	struct manager *m = c->manager;
	bool now = r->n > 1 && strcmp(r->args[1], "force") == 0;
	struct err e;

	for (int kind = SHUTDOWN_NONE + 1; kind < SHUTDOWN_KINDS; kind++) {
		if (strcmp(shutdown_kind_name((enum shutdown_kind)kind), r->args[0]) != 0)
			continue;
		if (now)
			shutdown_now(m, (enum shutdown_kind)kind);
		else
			shutdown_begin(m, (enum shutdown_kind)kind, "asked for by slate");
		return;
	}
	err_say(&e, "no such way to end: %.40s", r->args[0]);
	control_fail(c, &e);
}

static void manager_info(struct control_client *c, const struct control_request *r)
{
	(void)r;
	describe_manager(c);
}

static void (*const run[CONTROL_VERBS])(struct control_client *c,
                                        const struct control_request *r) = {
	[CONTROL_LIST] = list,
	[CONTROL_START] = give_jobs,
	[CONTROL_STOP] = give_jobs,
	[CONTROL_RESTART] = give_jobs,
	[CONTROL_TRY_RESTART] = give_jobs,
	[CONTROL_RELOAD] = give_jobs,
	[CONTROL_RELOAD_OR_RESTART] = give_jobs,
	[CONTROL_ISOLATE] = isolate,
	[CONTROL_KILL] = send_signal,
	[CONTROL_RESET_FAILED] = reset_failed,
	[CONTROL_DAEMON_RELOAD] = daemon_reload,
	[CONTROL_DAEMON_REEXEC] = daemon_reexec,
	[CONTROL_SHUTDOWN] = shut_down,
	[CONTROL_MANAGER] = manager_info,
};

void control_run(struct control_client *c, const struct control_request *r)
{
	run[r->verb](c, r);
}
