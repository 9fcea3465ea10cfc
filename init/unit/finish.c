/* What the files left open, and whether the whole makes sense. */
#include "load.h"

#include <stdio.h>
#include <string.h>

static bool is_ignored(const struct draft *d, const char *name)
{
	for (unsigned i = 0; i < d->ignores_n; i++)
		if (strcmp(d->ignores[i], name) == 0 || strcmp(d->ignores[i], "all") == 0)
			return true;
	return false;
}

struct name_list {
	char text[160];
	unsigned n;
};

static void add_name(struct name_list *list, const char *name)
{
	size_t used = strlen(list->text);

	if (used + strlen(name) + 8 < sizeof list->text)
		snprintf(list->text + used, sizeof list->text - used, "%s%s", list->n ? ", " : "", name);
	else if (used && list->text[used - 1] != '.')
		snprintf(list->text + used, sizeof list->text - used, ", ...");
	list->n++;
}

/* Takes back what could be given, and is not wanted here. */
static void drop_overridden(struct draft *d, struct name_list *overridden)
{
	const struct directive *row;
	char *box = (char *)&d->sandbox;
	const char *unset = (const char *)&sandbox_default;

	for (unsigned i = 0; d->ignores_n && (row = directive_row(i)); i++) {
		if (row->base != BASE_SANDBOX || !is_ignored(d, row->name) ||
		    memcmp(box + row->offset, unset + row->offset, row->size) == 0)
			continue;
		memcpy(box + row->offset, unset + row->offset, row->size);
		add_name(overridden, row->name);
	}
}

/* Protection that was asked for is given, overridden by name, or the end. */
static void check_protection(struct loader *l, struct draft *d)
{
	struct name_list refused = { 0 }, overridden = { 0 };

	drop_overridden(d, &overridden);
	/* nearly no unit asks for any, and there are hundreds of rows */
	for (unsigned i = 0; d->asks_n && i < LOAD_DIRECTIVES_MAX; i++)
		if (l->work->asks[i].asked)
			add_name(is_ignored(d, directive_row(i)->name) ? &overridden : &refused,
			         directive_row(i)->name);
	if (overridden.n)
		load_say(l, d, UNIT_NOTE, "runs without %s, as X-Slate-Ignore= says", overridden.text);
	if (refused.n && !d->bad[0])
		snprintf(d->bad, sizeof d->bad, "it asks for protection that is not available: %s",
		         refused.text);
}

static void complain(struct draft *d, const char *text)
{
	if (!d->bad[0])
		snprintf(d->bad, sizeof d->bad, "%s", text);
}

static void check_service(struct draft *d)
{
	struct service_config *c = d->service;
	unsigned starts = c->exec[PHASE_START].n, stops = c->exec[PHASE_STOP].n;

	if (!starts && !stops && d->unit->success_action == ACTION_NONE)
		complain(d, "it has neither ExecStart= nor ExecStop=");
	else if (!starts && c->type != SERVICE_ONESHOT)
		complain(d, "it has no ExecStart=, which only Type=oneshot may lack");
	else if (!starts && !c->remain_after_exit && d->unit->success_action == ACTION_NONE)
		complain(d, "it has no ExecStart=, which needs RemainAfterExit=yes");
	if (starts > 1 && c->type != SERVICE_ONESHOT)
		complain(d, "it has more than one ExecStart=, which only Type=oneshot may have");
	if (c->type == SERVICE_FORKING && d->sandbox.private_pids)
		complain(d, "it has Type=forking, whose main process is none that PrivatePIDs= starts");
	if (c->type == SERVICE_DBUS && !c->bus_name)
		complain(d, "it has Type=dbus without BusName=");
	if (c->type == SERVICE_ONESHOT &&
	    (c->restart == RESTART_ALWAYS || c->restart == RESTART_ON_SUCCESS))
		complain(d, "it has Type=oneshot and would restart after success for ever");
}

static void settle_service(struct draft *d)
{
	struct service_config *c = d->service;
	bool notifies;

	if (!d->type_set && c->bus_name)
		c->type = SERVICE_DBUS;
	else if (!d->type_set)
		c->type = c->exec[PHASE_START].n ? SERVICE_SIMPLE : SERVICE_ONESHOT;
	if (c->type == SERVICE_ONESHOT && !d->timeout_start_set)
		c->timeout_start_us = UNIT_FOREVER;
	if (!d->timeout_abort_set)
		c->timeout_abort_us = c->timeout_stop_us;
	notifies = c->type == SERVICE_NOTIFY || c->type == SERVICE_NOTIFY_RELOAD || c->watchdog_us;
	if (c->notify_access <= NOTIFY_NONE)
		c->notify_access = notifies ? NOTIFY_MAIN : NOTIFY_NONE;
}

static const char *const not_run[UNIT_TYPES] = {
	[UNIT_SOCKET] = "sockets are not listened on",
	[UNIT_TIMER] = "timers do not run",
	[UNIT_PATH] = "paths are not watched",
	[UNIT_MOUNT] = "mount units are not mounted",
	[UNIT_AUTOMOUNT] = "automount points are not set up",
	[UNIT_SWAP] = "swap units are not switched on",
};

void load_finish(struct loader *l, struct draft *d)
{
	if (d->unit->type == UNIT_SERVICE) {
		settle_service(d);
		if (d->service->type == SERVICE_DBUS)
			load_say(l, d, UNIT_WARNING, "Type=dbus counts as up at once: its name on the "
			         "bus is not waited for");
		if (d->service->exec_config.cgroup.delegate && d->service->exec_config.user)
			load_say(l, d, UNIT_WARNING, "Delegate= hands its group to root only, not to User=%s",
			         d->service->exec_config.user);
		check_service(d);
		check_protection(l, d);
	} else if (not_run[d->unit->type] && d->unit->fragment) {
		load_say(l, d, UNIT_WARNING, "%s by this version", not_run[d->unit->type]);
	}
}
