#include <stdlib.h>
#include <string.h>

#include "overview.h"

#define DEPTH_MAX 12

struct walk {
	const struct overview *m;
	bool *seen; /* one a unit */
	void (*each)(void *ctx, const struct unit_info *u, int depth);
	void *ctx;
};

static const struct unit_info *find(const struct overview *m, struct span name, size_t *index)
{
	for (size_t i = 0; i < m->units.n; i++)
		if (span_is(name, m->units.at[i].name)) {
			*index = i;
			return &m->units.at[i];
		}
	return NULL;
}

/* What is down, and was never meant to run, is not news. */
static bool is_shown(const struct unit_info *u)
{
	return strcmp(u->active, "inactive") != 0 || u->job[0] || strcmp(u->load, "bad") == 0 ||
	       (strcmp(u->type, "service") == 0 && strcmp(u->load, "loaded") == 0 && u->begun_us);
}

static void visit(struct walk *w, size_t index, int depth);

static void visit_names(struct walk *w, const char *names, int depth, bool services)
{
	struct span rest = span_of(names), name;

	while (span_word(&rest, " ", &name)) {
		size_t index;
		const struct unit_info *u = find(w->m, name, &index);

		if (u && (strcmp(u->type, "service") == 0) == services)
			visit(w, index, depth);
	}
}

static void visit(struct walk *w, size_t index, int depth)
{
	const struct unit_info *u = &w->m->units.at[index];

	if (w->seen[index] || depth > DEPTH_MAX)
		return;
	w->seen[index] = true;
	if (!is_shown(u))
		return;
	w->each(w->ctx, u, depth);
	/* services before the targets that they lead to */
	for (int services = 1; services >= 0; services--) {
		visit_names(w, u->requires, depth + 1, services);
		visit_names(w, u->wants, depth + 1, services);
	}
}

void overview_tree(const struct overview *m,
                  void (*each)(void *ctx, const struct unit_info *u, int depth), void *ctx)
{
	static const char *const roots[] = {
		"graphical.target", "multi-user.target", "default.target", "rescue.target",
	};
	struct walk w = { m, calloc(m->units.n + 1, sizeof *w.seen), each, ctx };
	size_t index;

	if (!w.seen)
		return;
	for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
		const struct unit_info *u = find(m, span_of(roots[i]), &index);

		if (u && strcmp(u->active, "inactive") != 0)
			visit(&w, index, 0);
	}
	for (size_t i = 0; i < m->units.n; i++)
		visit(&w, i, 0);
	free(w.seen);
}
