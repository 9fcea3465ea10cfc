#include "set.h"

#include <string.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "load.h"

enum { SET_SIZE = 32 << 20 };

/* An arena whose first piece is the set itself. */
static int new_set(struct unit_set **out, bool shared, struct err *e)
{
	struct arena arena;

	if (arena_open(&arena, SET_SIZE, shared, e) < 0)
		return -1;
	*out = arena_take(&arena, 1, sizeof **out);
	(*out)->arena = arena;
	return 0;
}

void unit_set_free(struct unit_set *set)
{
	struct arena arena;

	if (!set)
		return;
	arena = set->arena; /* it holds the struct that names it */
	arena_close(&arena);
}

/* Reads all that is queued, to the end. `roots` is what was asked for. */
static int load_all(struct loader *l, struct unit_set *set, const uint16_t *roots,
                    unsigned roots_n, struct err *e)
{
	unsigned next = l->first;

	do
		while (next < l->n)
			load_unit(l, next++);
	while (load_late_links(l));
	load_implied_of_targets(l);
	load_break_loops(l);
	if (!l->too_many)
		load_commit(l, set, roots, roots_n);
	if (l->too_many)
		return err_say(e, "more than %d units, or more links than fit", UNIT_SET_MAX);
	if (l->arena->full)
		return err_say(e, "the units need more than %d MiB", SET_SIZE >> 20);
	return 0;
}

__attribute__((cold)) static int load_into(struct unit_set *set, const struct unit_source *source,
                     const char *const *goals, struct err *e)
{
	uint16_t roots[UNIT_SET_MAX];
	unsigned roots_n = 0;
	struct loader l;
	int result;

	if (loader_open(&l, set, source, e) < 0)
		return -1;
	for (; *goals; goals++) {
		unsigned index = load_intern(&l, span_of(*goals));

		if (index == UNIT_NONE)
			load_say(&l, NULL, UNIT_WARNING, "%s: not the name of a unit", *goals);
		else if (roots_n < UNIT_SET_MAX)
			roots[roots_n++] = (uint16_t)index;
	}
	result = load_all(&l, set, roots, roots_n, e);
	loader_close(&l);
	return result;
}

int unit_set_load(struct unit_set **out, const struct unit_source *source,
                  const char *const *goals, struct err *e)
{
	struct unit_set *set;

	if (new_set(&set, false, e) < 0)
		return -1;
	if (load_into(set, source, goals, e) < 0) {
		unit_set_free(set);
		return -1;
	}
	*out = set;
	return 0;
}

__attribute__((cold)) static int add_into(struct unit_set *set, const struct unit_source *source, const char *name,
                    struct err *e)
{
	struct loader l;
	unsigned index;
	int result;

	if (loader_open(&l, set, source, e) < 0)
		return -1;
	index = load_intern(&l, span_of(name));
	if (index == UNIT_NONE)
		result = err_say(e, "%s: not the name of a unit", name);
	else if (index >= l.first && !l.work->units[index]->fragment)
		result = err_say(e, "%s: there is no such unit file", name);
	else
		result = load_all(&l, set, (const uint16_t[]){ (uint16_t)index }, 1, e);
	loader_close(&l);
	return result;
}

/* Puts a set back as it was `before`, also when the arena's end is unknown. */
static void restore(struct unit_set *set, const struct unit_set *before)
{
	size_t dirty = set->arena.used;

	*set = *before;
	set->arena.used = dirty > set->arena.size ? set->arena.size : dirty;
	arena_rewind(&set->arena, before->arena.used);
}

int unit_set_add(struct unit_set *set, const struct unit_source *source, const char *name,
                 struct err *e)
{
	const struct unit_set before = *set;

	if (add_into(set, source, name, e) == 0)
		return 0;
	restore(set, &before);
	return -1;
}

struct apart {
	struct unit_set *set;
	const struct unit_source *source;
	const char *const *goals; /* NULL: `name` is added */
	const char *name;
};

/* In the child: the set is in memory that the parent sees at the same address. */
static int work_apart(void *arg, void *out, struct err *e)
{
	const struct apart *a = arg;

	(void)out;
	return a->goals ? load_into(a->set, a->source, a->goals, e)
	                : add_into(a->set, a->source, a->name, e);
}

static int call_apart(struct apart *a, uint64_t limit_ms, struct err *e)
{
	struct child_limits limits = { .deadline_ms = clock_now_ms() + limit_ms };
	char nothing = 0;

	return child_call(work_apart, a, &nothing, sizeof nothing, &limits, e);
}

int unit_set_load_apart(struct unit_set **out, const struct unit_source *source,
                        const char *const *goals, uint64_t limit_ms, struct err *e)
{
	struct apart a = { NULL, source, goals, NULL };

	if (new_set(&a.set, true, e) < 0)
		return -1;
	if (call_apart(&a, limit_ms, e) < 0) {
		unit_set_free(a.set);
		return err_wrap(e, "reading the units");
	}
	*out = a.set;
	return 0;
}

int unit_set_add_apart(struct unit_set *set, const struct unit_source *source, const char *name,
                       uint64_t limit_ms, struct err *e)
{
	struct apart a = { set, source, NULL, name };
	struct unit_set before = *set;

	if (call_apart(&a, limit_ms, e) == 0)
		return 0;
	restore(set, &before);
	return -1;
}
