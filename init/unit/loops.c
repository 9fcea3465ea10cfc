/* Ordering loops: found, named in full, and cut at one link each. */
#include "load.h"

#include <stdio.h>
#include <string.h>

enum { NAMED_MAX = 100, WHITE = 0, GREY, BLACK };

struct walk {
	struct loader *l;
	uint32_t first[UNIT_SET_MAX + 1]; /* where a unit's edges begin in `after` */
	uint16_t after[LOAD_EDGES_MAX];   /* UNIT_NONE: cut */
	uint32_t next[UNIT_SET_MAX];      /* the edge to look at next */
	uint8_t colour[UNIT_SET_MAX];
	uint16_t stack[UNIT_SET_MAX];
	unsigned depth;
	unsigned named;
};

/* Only units that can be started wait for each other. */
static bool counts(const struct loader *l, const struct unit_edge *edge)
{
	return edge->kind == DEP_AFTER && l->work->units[edge->from]->load == LOAD_LOADED &&
	       l->work->units[edge->to]->load == LOAD_LOADED;
}

static void list_edges(struct walk *w)
{
	const struct loader *l = w->l;
	const struct unit_edge *edges = l->work->edges;

	for (unsigned i = 0; i < l->edges_n; i++)
		if (counts(l, &edges[i]))
			w->first[edges[i].from + 1]++;
	for (unsigned i = 0; i < l->n; i++)
		w->first[i + 1] += w->first[i];
	memcpy(w->next, w->first, l->n * sizeof *w->next);
	for (unsigned i = 0; i < l->edges_n; i++)
		if (counts(l, &edges[i]))
			w->after[w->next[edges[i].from]++] = edges[i].to;
}

static void cut(struct walk *w, unsigned from, unsigned to)
{
	struct loader *l = w->l;
	struct unit_edge *edges = l->work->edges;

	for (uint32_t i = w->first[from]; i < w->first[from + 1]; i++)
		if (w->after[i] == to)
			w->after[i] = UNIT_NONE;
	for (unsigned i = 0; i < l->edges_n; i++)
		if ((edges[i].kind == DEP_AFTER && edges[i].from == from && edges[i].to == to) ||
		    (edges[i].kind == DEP_BEFORE && edges[i].from == to && edges[i].to == from))
			edges[i].kind = UNIT_DEPS;
}

static bool is_required(const struct loader *l, unsigned index)
{
	const struct unit_edge *edges = l->work->edges;

	for (unsigned i = 0; i < l->edges_n; i++)
		if (edges[i].from == index &&
		    (edges[i].kind == DEP_REQUIRED_BY || edges[i].kind == DEP_BOUND_BY))
			return true;
	return false;
}

/* The place in the loop (a position on the stack) whose link to the next is cut:
 * the first of which one end is merely wanted; `all_required` when there is none. */
static unsigned weakest(const struct walk *w, unsigned from, bool *all_required)
{
	*all_required = false;
	for (unsigned i = from; i < w->depth; i++) {
		unsigned next = i + 1 < w->depth ? i + 1 : from;

		if (!is_required(w->l, w->stack[i]) || !is_required(w->l, w->stack[next]))
			return i;
	}
	*all_required = true;
	return w->depth - 1;
}

static void name_and_cut(struct walk *w, unsigned from)
{
	struct loader *l = w->l;
	char text[900] = "";
	size_t used = 0;
	bool all_required;
	unsigned at = weakest(w, from, &all_required);
	unsigned one = w->stack[at], two = w->stack[at + 1 < w->depth ? at + 1 : from];

	for (unsigned i = from; i < w->depth && used < sizeof text; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "%s after ",
		                         l->work->units[w->stack[i]]->name);
	load_say(l, NULL, all_required ? UNIT_ERROR : UNIT_WARNING,
	         "ordering loop: %s%s; %s does not wait for %s", text,
	         l->work->units[w->stack[from]]->name, l->work->units[one]->name,
	         l->work->units[two]->name);
	cut(w, one, two);
	w->named++;
}

/* Steps over one edge. True when a loop was found and cut by name. */
static bool step(struct walk *w)
{
	unsigned here = w->stack[w->depth - 1];
	unsigned to;

	if (w->next[here] == w->first[here + 1]) {
		w->colour[here] = BLACK;
		w->depth--;
		return false;
	}
	to = w->after[w->next[here]++];
	if (to == UNIT_NONE || w->colour[to] == BLACK)
		return false;
	if (w->colour[to] == WHITE) {
		w->colour[to] = GREY;
		w->stack[w->depth++] = (uint16_t)to;
		return false;
	}
	if (w->named >= NAMED_MAX) {
		cut(w, here, to); /* without a link back there is no loop, named or not */
		return false;
	}

	unsigned from = 0;

	while (w->stack[from] != to)
		from++;
	name_and_cut(w, from);
	return true;
}

/* One walk over all units. True when it ended at a loop, and is to be begun anew. */
static bool walk(struct walk *w)
{
	memcpy(w->next, w->first, w->l->n * sizeof *w->next);
	memset(w->colour, WHITE, w->l->n * sizeof *w->colour);
	for (unsigned i = 0; i < w->l->n; i++) {
		if (w->colour[i] != WHITE)
			continue;
		w->colour[i] = GREY;
		w->stack[0] = (uint16_t)i;
		w->depth = 1;
		while (w->depth)
			if (step(w))
				return true;
	}
	return false;
}

void load_break_loops(struct loader *l)
{
	/* The files have been read: their buffer is free. */
	struct walk *w = (void *)l->work->file;

	_Static_assert(sizeof *w <= sizeof l->work->file, "the walk needs a buffer of its own");
	w->l = l;
	w->named = 0;
	memset(w->first, 0, (l->n + 1) * sizeof *w->first);
	list_edges(w);
	while (walk(w))
		;
}
