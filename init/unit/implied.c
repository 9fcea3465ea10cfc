/* Links that nobody writes: systemd.service(5) and the others, "Automatic
 * Dependencies". */
#include "load.h"

#include <stdio.h>
#include <string.h>

#include "name.h"

static void link_to(struct loader *l, const struct draft *d, enum unit_dep kind, const char *name)
{
	load_edge(l, d->index, kind, load_intern(l, span_of(name)));
}

static void both(struct loader *l, const struct draft *d, enum unit_dep one, enum unit_dep other,
                 const char *name)
{
	link_to(l, d, one, name);
	link_to(l, d, other, name);
}

/* What a timer, path or socket sets off: the service of its name, unless it says. */
static void trigger(struct loader *l, const struct draft *d)
{
	struct name_parts p;
	char name[UNIT_NAME_SIZE];
	int len;

	if (d->trigger_set || !name_parse(span_of(d->unit->name), &p))
		return;
	len = snprintf(name, sizeof name, "%.*s.service",
	               (int)(strlen(d->unit->name) - p.suffix.len), d->unit->name);
	if (len > 0 && (size_t)len < sizeof name)
		link_to(l, d, DEP_TRIGGERS, name);
}

static void of_service(struct loader *l, const struct draft *d)
{
	char name[UNIT_NAME_SIZE];
	size_t stem = strlen(d->unit->name) - strlen(".service");

	if (d->unit->default_dependencies) {
		both(l, d, DEP_REQUIRES, DEP_AFTER, "sysinit.target");
		link_to(l, d, DEP_AFTER, "basic.target");
	}
	if (d->service->type == SERVICE_DBUS || (!d->type_set && d->service->bus_name))
		both(l, d, DEP_REQUIRES, DEP_AFTER, "dbus.socket");

	/* A socket of the same name comes first, where there is one. */
	int len = snprintf(name, sizeof name, "%.*s.socket", (int)stem, d->unit->name);

	if (len > 0 && (size_t)len < sizeof name && search_find(&l->search, span_of(name)))
		link_to(l, d, DEP_AFTER, name);
}

static void of_trigger(struct loader *l, const struct draft *d, const char *target)
{
	trigger(l, d);
	if (!d->unit->default_dependencies)
		return;
	both(l, d, DEP_REQUIRES, DEP_AFTER, "sysinit.target");
	link_to(l, d, DEP_BEFORE, target);
}

/* RequiresMountsFor=: the mount units that have a file, from the root down. */
static void of_mounts(struct loader *l, const struct draft *d)
{
	const struct text_list *paths = &d->unit->requires_mounts;

	for (unsigned i = 0; i < paths->n; i++)
		for (size_t len = 1; len <= strlen(paths->at[i]); len++) {
			char name[UNIT_NAME_SIZE];
			char end = paths->at[i][len];

			if ((end != '/' && end != '\0') ||
			    !name_escape_path((struct span){ paths->at[i], len }, name,
			                      sizeof name - sizeof ".mount" + 1))
				continue;
			memcpy(name + strlen(name), ".mount", sizeof ".mount");
			if (search_find(&l->search, span_of(name)))
				both(l, d, DEP_REQUIRES, DEP_AFTER, name);
		}
}

void load_implied(struct loader *l, struct draft *d)
{
	const struct unit *u = d->unit;

	switch (u->type) {
	case UNIT_SERVICE:
		of_service(l, d);
		break;
	case UNIT_SOCKET:
		of_trigger(l, d, "sockets.target");
		break;
	case UNIT_TIMER:
		of_trigger(l, d, "timers.target");
		break;
	case UNIT_PATH:
		of_trigger(l, d, "paths.target");
		break;
	case UNIT_MOUNT:
		if (u->default_dependencies && u->fragment)
			link_to(l, d, DEP_BEFORE, "local-fs.target");
		break;
	default:
		break;
	}
	of_mounts(l, d);
	if (u->default_dependencies && u->fragment && u->type != UNIT_SLICE)
		both(l, d, DEP_CONFLICTS, DEP_BEFORE, "shutdown.target");
}

static bool is_pull(unsigned kind)
{
	return kind == DEP_REQUIRES || kind == DEP_REQUISITE || kind == DEP_WANTS ||
	       kind == DEP_BINDS_TO || kind == DEP_UPHOLDS;
}

/* A target is reached after what it pulls in, unless that is ordered after it. */
void load_implied_of_targets(struct loader *l)
{
	const struct load_work *w = l->work;
	unsigned n = l->edges_n;

	for (unsigned i = 0; i < n; i++) {
		const struct unit_edge edge = w->edges[i];
		const struct unit *target = w->units[edge.from], *other = w->units[edge.to];

		if (target->type != UNIT_TARGET || !is_pull(edge.kind) || edge.from < l->first)
			continue;
		if (target->default_dependencies && other->default_dependencies &&
		    other->load == LOAD_LOADED && target->load == LOAD_LOADED &&
		    !load_has_edge(l, edge.from, DEP_BEFORE, edge.to))
			load_edge(l, edge.from, DEP_AFTER, edge.to);
	}
}
