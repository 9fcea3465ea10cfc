#include "load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "name.h"

enum { MESSAGE_SIZE = 1200 };

void load_say(struct loader *l, const struct draft *d, enum unit_severity severity,
              const char *fmt, ...)
{
	struct unit_message *m = &l->work->messages[l->messages_n];
	char text[MESSAGE_SIZE];
	int used = 0;
	va_list ap;

	if (l->messages_n == LOAD_MESSAGES_MAX) {
		l->messages_lost++;
		return;
	}
	if (d && d->file && d->line)
		used = snprintf(text, sizeof text, "%s:%u: ", d->file, d->line);
	else if (d)
		used = snprintf(text, sizeof text, "%s: ", d->unit->name);
	va_start(ap, fmt);
	vsnprintf(text + used, sizeof text - (size_t)used, fmt, ap);
	va_end(ap);
	*m = (struct unit_message){ severity, d ? d->index : UNIT_NONE, arena_text(l->arena, text) };
	l->messages_n++;
}

/* The slot that holds `name`, or the free one where it belongs. */
static unsigned find_slot(const struct loader *l, struct span name)
{
	const struct load_work *w = l->work;
	unsigned at = name_hash(name) % LOAD_NAME_SLOTS;

	while (w->name_slot[at] && !span_is(name, w->names[w->name_slot[at] - 1].name))
		at = (at + 1) % LOAD_NAME_SLOTS;
	return at;
}

static void add_name(struct loader *l, const char *name, unsigned index)
{
	struct load_work *w = l->work;

	if (l->names_n == LOAD_NAMES_MAX) {
		l->too_many = true;
		return;
	}
	w->names[l->names_n] = (struct unit_alias){ name, (uint16_t)index };
	w->name_slot[find_slot(l, span_of(name))] = (uint16_t)++l->names_n;
}

/* A unit without settings, to be read later; `found` says where its file is. */
static unsigned new_unit(struct loader *l, struct span name, const struct name_parts *p,
                         const struct search_found *found)
{
	struct unit *u;
	char path[sizeof found->path + 1];

	if (l->n == UNIT_SET_MAX) {
		l->too_many = true;
		return UNIT_NONE;
	}
	u = arena_take(l->arena, 1, sizeof *u);
	*u = unit_default;
	u->name = arena_copy(l->arena, name);
	u->type = p->type;
	if (name_is_instance(p))
		u->instance = arena_copy(l->arena, p->instance);
	if (found->state != SEARCH_MISSING) {
		snprintf(path, sizeof path, "/%s", found->path);
		u->fragment = arena_text(l->arena, path);
	}
	if (found->state == SEARCH_MASKED)
		u->load = LOAD_MASKED;
	l->work->units[l->n] = u;
	add_name(l, u->name, l->n);
	return l->n++;
}

static unsigned intern(struct loader *l, struct span name, int depth)
{
	struct load_work *w = l->work;
	unsigned slot = find_slot(l, name);
	struct search_found found;
	struct name_parts p;

	if (w->name_slot[slot])
		return w->names[w->name_slot[slot] - 1].index;
	if (!name_parse(name, &p) || name_is_template(&p) || l->arena->full)
		return UNIT_NONE;
	search_unit(&l->search, name, &found);
	if (found.state != SEARCH_ALIAS || depth == LOAD_ALIAS_DEPTH)
		return new_unit(l, name, &p, &found);

	unsigned index = intern(l, span_of(found.alias), depth + 1);
	const char *copy = arena_copy(l->arena, name);

	if (index != UNIT_NONE)
		add_name(l, copy, index);
	return index;
}

unsigned load_intern(struct loader *l, struct span name)
{
	return intern(l, name, 0);
}

static void append_edge(struct loader *l, unsigned from, unsigned kind, unsigned to)
{
	struct load_work *w = l->work;
	uint16_t place = (uint16_t)(l->edges_n + 1);

	w->edges[l->edges_n++] = (struct unit_edge){ (uint16_t)from, (uint16_t)to, (uint16_t)kind, 0 };
	if (w->edge_last[from])
		w->edges[w->edge_last[from] - 1].next = place;
	else
		w->edge_first[from] = place;
	w->edge_last[from] = place;
}

void load_edge(struct loader *l, unsigned from, enum unit_dep kind, unsigned to)
{
	if (from == to || from == UNIT_NONE || to == UNIT_NONE)
		return;
	if (l->edges_n + 2 > LOAD_EDGES_MAX) {
		l->too_many = true;
		return;
	}
	append_edge(l, from, kind, to);
	append_edge(l, to, UNIT_DEP_INVERSE(kind), from);
}

bool load_has_edge(const struct loader *l, unsigned from, enum unit_dep kind, unsigned to)
{
	const struct unit_edge *edges = l->work->edges;

	for (unsigned i = l->work->edge_first[from]; i; i = edges[i - 1].next)
		if (edges[i - 1].kind == kind && edges[i - 1].to == to)
			return true;
	return false;
}

/* Units, names and links of a set that is being added to. */
static void take_over(struct loader *l, const struct unit_set *set)
{
	struct load_work *w = l->work;

	memcpy(w->units, set->units, set->n * sizeof *set->units);
	l->n = l->first = set->n;
	memset(w->has_links, true, set->names_n * sizeof *w->has_links);
	for (unsigned i = 0; i < set->names_n; i++)
		add_name(l, set->names[i].name, set->names[i].index);
	for (unsigned i = 0; i < set->n; i++)
		for (unsigned kind = 0; kind < UNIT_DEPS; kind += 2) {
			struct unit_deps deps = unit_deps(set, i, (enum unit_dep)kind);

			for (unsigned k = 0; k < deps.n; k++)
				load_edge(l, i, (enum unit_dep)kind, deps.at[k]);
		}
}

int loader_open(struct loader *l, struct unit_set *set, const struct unit_source *source,
                struct err *e)
{
	void *work = mmap(NULL, sizeof *l->work, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (work == MAP_FAILED)
		return err_sys(e, "reserve %zu bytes", sizeof *l->work);
	*l = (struct loader){ .arena = &set->arena, .work = work, .machine.root = source->root };
	if (search_open(&l->search, source->root, source->dirs ? source->dirs : unit_search_path,
	                e) < 0) {
		munmap(work, sizeof *l->work);
		return -1;
	}
	directive_index_fill(&l->work->index);
	if (set->n)
		take_over(l, set);
	return 0;
}

void loader_close(struct loader *l)
{
	search_close(&l->search);
	munmap(l->work, sizeof *l->work);
	*l = (struct loader){ 0 };
}
