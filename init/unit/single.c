#include "single.h"

#include "name.h"

enum { SINGLE_SIZE = 8 << 20 };

/* A template is read as if it had the instance that [Install] would give it. */
static bool with_instance(const char *name, char *buf, size_t size)
{
	struct name_parts p;

	return name_parse(span_of(name), &p) &&
	       name_instance(span_of(name), span_of("instance"), buf, size);
}

static int read_it(struct single *s, const char *name, const char *file, struct err *e)
{
	char full[UNIT_NAME_SIZE];
	struct unit *u;

	if (!with_instance(name, full, sizeof full))
		return err_say(e, "%s: not the name of a unit", name);
	s->index = load_intern(&s->loader, span_of(full));
	if (s->index == UNIT_NONE)
		return err_say(e, "%s: not the name of a unit", name);
	u = s->loader.work->units[s->index];
	if (file) {
		u->fragment = arena_text(&s->set.arena, file);
		u->load = LOAD_NONE;
		s->loader.outside = u->fragment;
	}
	load_unit(&s->loader, s->index);
	s->unit = u;
	return 0;
}

int single_open(struct single *s, const struct unit_source *source, const char *name,
                const char *file, const struct load_watch *watch, struct err *e)
{
	*s = (struct single){ .index = UNIT_NONE };
	if (arena_open(&s->set.arena, SINGLE_SIZE, false, e) < 0)
		return -1;
	if (loader_open(&s->loader, &s->set, source, e) < 0) {
		arena_close(&s->set.arena);
		return -1;
	}
	s->loader.watch = watch;
	if (read_it(s, name, file, e) == 0)
		return 0;
	single_close(s);
	return -1;
}

void single_close(struct single *s)
{
	loader_close(&s->loader);
	arena_close(&s->set.arena);
}
