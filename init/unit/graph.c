#include "load.h"

#include <stdlib.h>
#include <string.h>

struct unit_links {
	const uint16_t *at;
	uint16_t start[UNIT_DEPS + 1]; /* kind k is at[start[k]] to at[start[k + 1] - 1] */
};

static const char *const dep_names[UNIT_DEPS] = {
	[DEP_REQUIRES] = "requires", [DEP_REQUIRED_BY] = "required by",
	[DEP_REQUISITE] = "requisite", [DEP_REQUISITE_OF] = "requisite of",
	[DEP_WANTS] = "wants", [DEP_WANTED_BY] = "wanted by",
	[DEP_BINDS_TO] = "binds to", [DEP_BOUND_BY] = "bound by",
	[DEP_PART_OF] = "part of", [DEP_CONSISTS_OF] = "consists of",
	[DEP_UPHOLDS] = "upholds", [DEP_UPHELD_BY] = "upheld by",
	[DEP_CONFLICTS] = "conflicts", [DEP_CONFLICTED_BY] = "conflicted by",
	[DEP_BEFORE] = "before", [DEP_AFTER] = "after",
	[DEP_ON_FAILURE] = "on failure", [DEP_ON_FAILURE_OF] = "on failure of",
	[DEP_ON_SUCCESS] = "on success", [DEP_ON_SUCCESS_OF] = "on success of",
	[DEP_TRIGGERS] = "triggers", [DEP_TRIGGERED_BY] = "triggered by",
	[DEP_PROPAGATES_RELOAD] = "propagates reload to", [DEP_RELOAD_FROM] = "reload propagated from",
	[DEP_PROPAGATES_STOP] = "propagates stop to", [DEP_STOP_FROM] = "stop propagated from",
	[DEP_JOINS_NAMESPACE] = "joins namespace of", [DEP_JOINED_BY] = "namespace joined by",
};

const char *unit_dep_name(enum unit_dep kind)
{
	return (unsigned)kind < UNIT_DEPS ? dep_names[kind] : "?";
}

const char *unit_load_name(enum unit_load load)
{
	static const char *const names[] = {
		[LOAD_NONE] = "none", [LOAD_LOADED] = "loaded", [LOAD_NOT_FOUND] = "not-found",
		[LOAD_MASKED] = "masked", [LOAD_BAD] = "bad",
	};

	return (unsigned)load < sizeof names / sizeof *names ? names[load] : "?";
}

struct unit_deps unit_deps(const struct unit_set *set, unsigned index, enum unit_dep kind)
{
	const struct unit_links *links;

	if (index >= set->n || (unsigned)kind >= UNIT_DEPS)
		return (struct unit_deps){ NULL, 0 };
	links = &set->links[index];
	return (struct unit_deps){ links->at + links->start[kind],
		                   (unsigned)links->start[kind + 1] - links->start[kind] };
}

unsigned unit_find(const struct unit_set *set, const char *name)
{
	unsigned low = 0, high = set->names_n;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = strcmp(name, set->names[middle].name);

		if (order == 0)
			return set->names[middle].index;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UNIT_NONE;
}

/* Sorts the `n` places by the units there and leaves out what is there twice. Most
 * lists are short and nearly in order: the units came up in it. */
static unsigned sort_places(uint16_t *at, unsigned n)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		uint16_t one = at[i];
		unsigned place = kept;

		while (place && at[place - 1] > one)
			place--;
		if (place && at[place - 1] == one)
			continue;
		memmove(at + place + 1, at + place, (kept - place) * sizeof *at);
		at[place] = one;
		kept++;
	}
	return kept;
}

/* The links of unit `i`, into `to`; returns how many. */
static unsigned links_of(const struct loader *l, unsigned i, struct unit_links *links, uint16_t *to)
{
	const struct load_work *w = l->work;
	unsigned count[UNIT_DEPS + 1] = { 0 }, begin = 0, used = 0;
	uint16_t place[UNIT_DEPS];

	for (unsigned k = w->edge_first[i]; k; k = w->edges[k - 1].next)
		count[w->edges[k - 1].kind]++;
	for (unsigned kind = 0; kind < UNIT_DEPS; begin += count[kind++])
		place[kind] = (uint16_t)begin;
	for (unsigned k = w->edge_first[i]; k; k = w->edges[k - 1].next)
		if (w->edges[k - 1].kind < UNIT_DEPS)
			to[place[w->edges[k - 1].kind]++] = w->edges[k - 1].to;
	for (unsigned kind = 0; kind < UNIT_DEPS; kind++) {
		uint16_t *from = to + place[kind] - count[kind];
		unsigned n = sort_places(from, count[kind]);

		memmove(to + used, from, n * sizeof *to);
		links->start[kind] = (uint16_t)used;
		used += n;
	}
	links->at = to;
	links->start[UNIT_DEPS] = (uint16_t)used;
	return used;
}

static void make_links(struct loader *l, struct unit_set *set)
{
	struct unit_links *links = arena_take(l->arena, l->n, sizeof *links);
	uint16_t *to = arena_take(l->arena, l->edges_n + 1, sizeof *to);

	for (unsigned i = 0; i < l->n && !l->arena->full; i++)
		to += links_of(l, i, &links[i], to);
	set->links = links;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct unit_alias *)a)->name, ((const struct unit_alias *)b)->name);
}

static void *copy(struct loader *l, const void *from, unsigned n, size_t size)
{
	return arena_grow(l->arena, from, n, n ? n : 1, size);
}

/* Aliases become known at any time; units of earlier loads are not touched. */
static void list_aliases(struct loader *l)
{
	const struct load_work *w = l->work;

	for (unsigned i = 0; i < l->names_n; i++) {
		unsigned index = w->names[i].index;
		struct unit *u = w->units[index];

		if (index < l->first || strcmp(u->name, w->names[i].name) == 0)
			continue;

		const char **at = arena_take(l->arena, u->aliases.n + 2, sizeof *at);

		if (l->arena->full)
			return;
		if (u->aliases.n)
			memcpy(at, u->aliases.at, u->aliases.n * sizeof *at);
		at[u->aliases.n++] = w->names[i].name;
		u->aliases.at = at;
	}
}

static void pull(const struct unit_set *set, unsigned from, bool *pulled, uint16_t *queue,
                 unsigned *queued)
{
	static const enum unit_dep kinds[] = { DEP_REQUIRES, DEP_WANTS, DEP_BINDS_TO, DEP_UPHOLDS,
		                               DEP_ON_FAILURE, DEP_ON_SUCCESS };

	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		struct unit_deps deps = unit_deps(set, from, kinds[k]);

		for (unsigned i = 0; i < deps.n; i++)
			if (!pulled[deps.at[i]]) {
				pulled[deps.at[i]] = true;
				queue[(*queued)++] = deps.at[i];
			}
	}
}

/* Leaves out the messages of units that nothing pulls in. */
static void drop_messages(struct loader *l, const struct unit_set *set, const uint16_t *roots,
                          unsigned roots_n)
{
	struct unit_message *m = l->work->messages;
	bool pulled[UNIT_SET_MAX] = { false };
	uint16_t queue[UNIT_SET_MAX];
	unsigned queued = 0, kept = 0;

	for (unsigned i = 0; i < roots_n; i++)
		if (!pulled[roots[i]]) {
			pulled[roots[i]] = true;
			queue[queued++] = roots[i];
		}
	for (unsigned i = 0; i < queued; i++)
		pull(set, queue[i], pulled, queue, &queued);
	for (unsigned i = 0; i < l->messages_n; i++)
		if (m[i].unit == UNIT_NONE || pulled[m[i].unit])
			m[kept++] = m[i];
	l->messages_n = kept;
}

void load_commit(struct loader *l, struct unit_set *set, const uint16_t *roots, unsigned roots_n)
{
	struct load_work *w = l->work;

	list_aliases(l);
	make_links(l, set);
	set->n = l->n;
	if (l->arena->full)
		return;
	drop_messages(l, set, roots, roots_n);
	qsort(w->names, l->names_n, sizeof *w->names, by_name);
	set->names = copy(l, w->names, l->names_n, sizeof *w->names);
	set->units = copy(l, w->units, l->n, sizeof *w->units);
	set->messages = copy(l, w->messages, l->messages_n, sizeof *w->messages);
	set->names_n = l->names_n;
	set->messages_n = l->messages_n;
	set->messages_lost = l->messages_lost;
}
