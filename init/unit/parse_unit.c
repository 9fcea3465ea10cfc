#include "parse.h"

#include <string.h>

#include "condition.h"
#include "name.h"
#include "words.h"

/* Calls each() for each unit name in the value; specifiers are filled in. A bad
 * name is a warning, and the others count. */
static int each_name(const struct setting *s, void (*each)(const struct setting *, struct span),
                     struct err *e)
{
	struct load_work *w = s->loader->work;
	struct words words = { .left = s->value, .escapes = WORD_RAW_ESCAPES };
	struct name_parts p;
	struct span name;
	size_t len;
	int got;

	while ((got = words_next(&words, w->word, sizeof w->word, &len, e)) > 0) {
		if (parse_expand(s, (struct span){ w->word, len }, &name, e) < 0)
			return -1;
		if (name_parse(name, &p))
			each(s, name);
		else
			load_say(s->loader, s->draft, UNIT_WARNING, "%s: not the name of a unit: %.*s",
			         s->row->name, SPAN_ARGS(name));
	}
	return got;
}

static void add_dep(const struct setting *s, struct span name)
{
	unsigned other = load_intern(s->loader, name);

	if (other != UNIT_NONE)
		load_edge(s->loader, s->draft->index, (enum unit_dep)s->row->arg, other);
}

int parse_deps(const struct setting *s, struct err *e)
{
	return each_name(s, add_dep, e);
}

static void add_trigger(const struct setting *s, struct span name)
{
	unsigned other = load_intern(s->loader, name);

	s->draft->trigger_set = true;
	if (other != UNIT_NONE)
		load_edge(s->loader, s->draft->index, DEP_TRIGGERS, other);
}

int parse_trigger(const struct setting *s, struct err *e)
{
	return each_name(s, add_trigger, e);
}

static void add_socket(const struct setting *s, struct span name)
{
	unsigned other = load_intern(s->loader, name);

	if (other == UNIT_NONE)
		return;
	parse_add(s->loader->arena, s->member, arena_copy(s->loader->arena, name));
	load_edge(s->loader, s->draft->index, DEP_TRIGGERED_BY, other);
	load_edge(s->loader, s->draft->index, DEP_WANTS, other);
	load_edge(s->loader, s->draft->index, DEP_AFTER, other);
}

int parse_sockets(const struct setting *s, struct err *e)
{
	return each_name(s, add_socket, e);
}

static void add_name(const struct setting *s, struct span name)
{
	parse_add(s->loader->arena, s->member, arena_copy(s->loader->arena, name));
}

int parse_names(const struct setting *s, struct err *e)
{
	return each_name(s, add_name, e);
}

static bool is_absolute(struct span path)
{
	return span_starts(path, "/");
}

int parse_mounts_for(const struct setting *s, struct err *e)
{
	return parse_words_like(s, is_absolute, "not an absolute path", e);
}

int parse_documentation(const struct setting *s, struct err *e)
{
	return parse_words(s, e);
}

/* An empty value forgets all conditions (or all assertions) so far. */
static void forget_conditions(struct unit *u, struct unit_condition *list, bool assertions)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < u->conditions_n; i++)
		if (list[i].assertion != assertions)
			list[kept++] = list[i];
	u->conditions_n = kept;
}

static bool take(struct span *value, char c)
{
	if (value->len == 0 || value->at[0] != c)
		return false;
	*value = span_trim(span_from(*value, 1));
	return true;
}

int parse_condition(const struct setting *s, struct err *e)
{
	struct unit *u = s->draft->unit;
	struct arena *a = s->loader->arena;
	struct unit_condition *list = parse_room(a, u->conditions, u->conditions_n, sizeof *list);
	struct unit_condition new = { .kind = (int)s->row->arg, .assertion = s->row->max == 1 };
	struct span value = s->value, text;

	u->conditions = list;
	if (value.len == 0) {
		forget_conditions(u, list, new.assertion);
		return 0;
	}
	new.trigger = take(&value, '|');
	new.negate = take(&value, '!');
	if (parse_expand(s, value, &text, e) < 0 ||
	    condition_valid((enum condition_kind)new.kind, text, e) < 0)
		return -1;
	new.value = arena_copy(a, text);
	new.name = s->row->name;
	if (!a->full)
		list[u->conditions_n++] = new;
	return 0;
}
