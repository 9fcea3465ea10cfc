#include "parse.h"

#include <inttypes.h>
#include <string.h>

#include "value.h"
#include "words.h"

int parse_expand(const struct setting *s, struct span text, struct span *out, struct err *e)
{
	struct load_work *w = s->loader->work;
	const struct unit *u = s->draft->unit;

	if (specifier_expand(&s->loader->machine, u->name, u->fragment, text, w->expanded,
	                     sizeof w->expanded, e) < 0)
		return -1;
	*out = span_of(w->expanded);
	return 0;
}

/* Arrays grow by doubling: there is room as long as n is no power of two. */
void *parse_room(struct arena *a, const void *list, unsigned n, size_t size)
{
	void *at;

	if ((n & (n - 1)) == 0)
		return arena_grow(a, list, n, n ? (size_t)n * 2 : 1, size);
	memcpy(&at, &list, sizeof at); /* const for readers, ours to fill */
	return at;
}

void parse_add(struct arena *a, struct text_list *list, const char *text)
{
	/* the NULL at the end is a piece, too */
	const char **at = list->n ? parse_room(a, list->at, list->n + 1, sizeof *at)
	                          : arena_take(a, 2, sizeof *at);

	list->at = at;
	if (a->full)
		return;
	at[list->n++] = text;
	at[list->n] = NULL;
}

void parse_cut(struct text_list *list, unsigned n)
{
	const char **at;

	if (list->n <= n)
		return;
	memcpy(&at, &list->at, sizeof at);
	at[n] = NULL;
	list->n = n;
}

static void store(const struct setting *s, const void *value, size_t size)
{
	memcpy(s->member, value, size);
}

int parse_text(const struct setting *s, struct err *e)
{
	struct span text;

	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;

	const char *copy = arena_copy(s->loader->arena, text);

	store(s, &copy, sizeof copy);
	return 0;
}

int parse_path(const struct setting *s, struct err *e)
{
	struct span text;

	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;
	if (!span_starts(text, "/"))
		return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(text));

	const char *copy = arena_copy(s->loader->arena, text);

	store(s, &copy, sizeof copy);
	return 0;
}

int parse_bool(const struct setting *s, struct err *e)
{
	bool on;

	if (!value_bool(s->value, &on))
		return err_say(e, "neither yes nor no: %.*s", SPAN_ARGS(s->value));
	store(s, &on, sizeof on);
	return 0;
}

static int number(const struct setting *s, int64_t *n, struct err *e)
{
	if (!value_int(s->value, s->row->arg, s->row->max, n))
		return err_say(e, "not a number from %" PRId64 " to %" PRId64 ": %.*s",
		               s->row->arg, s->row->max, SPAN_ARGS(s->value));
	return 0;
}

int parse_uint32(const struct setting *s, struct err *e)
{
	int64_t n;
	uint32_t value;

	if (number(s, &n, e) < 0)
		return -1;
	value = (uint32_t)n;
	store(s, &value, sizeof value);
	return 0;
}

int parse_int(const struct setting *s, struct err *e)
{
	int64_t n;
	int value;

	if (number(s, &n, e) < 0)
		return -1;
	value = (int)n;
	store(s, &value, sizeof value);
	return 0;
}

int parse_mode(const struct setting *s, struct err *e)
{
	uint32_t mode;

	if (!value_mode(s->value, &mode))
		return err_say(e, "not an octal mode: %.*s", SPAN_ARGS(s->value));
	store(s, &mode, sizeof mode);
	return 0;
}

int parse_time(const struct setting *s, struct err *e)
{
	uint64_t us;

	if (!value_time(s->value, 1000000, 1000000, &us))
		return err_say(e, "not a time span: %.*s", SPAN_ARGS(s->value));
	if (us == 0 && s->row->arg == 1)
		us = UNIT_FOREVER;
	store(s, &us, sizeof us);
	return 0;
}

int parse_nsec(const struct setting *s, struct err *e)
{
	if (!value_time(s->value, 1000000000, 1, s->member))
		return err_say(e, "not a time span: %.*s", SPAN_ARGS(s->value));
	s->draft->service->exec_config.timer_slack_set = true;
	return 0;
}

int parse_signal(const struct setting *s, struct err *e)
{
	int signal;

	if (!value_signal(s->value, &signal))
		return err_say(e, "not a signal: %.*s", SPAN_ARGS(s->value));
	store(s, &signal, sizeof signal);
	return 0;
}

int parse_choice(const struct setting *s, struct err *e)
{
	for (int i = 0; s->row->choices[i]; i++)
		if (s->row->choices[i][0] && span_is(s->value, s->row->choices[i])) {
			store(s, &i, sizeof i);
			return 0;
		}
	return err_say(e, "not one of its values: %.*s", SPAN_ARGS(s->value));
}

static int add_words(const struct setting *s, struct err *e)
{
	struct load_work *w = s->loader->work;
	struct words words = { .left = s->value };
	size_t len;
	int got;

	while ((got = words_next(&words, w->word, sizeof w->word, &len, e)) > 0) {
		struct span text;

		if (parse_expand(s, (struct span){ w->word, len }, &text, e) < 0)
			return -1;
		parse_add(s->loader->arena, s->member, arena_copy(s->loader->arena, text));
	}
	return got;
}

/* All words or none of them. */
int parse_words_like(const struct setting *s, bool (*fits)(struct span), const char *why, struct err *e)
{
	struct text_list *list = s->member;
	unsigned before = list->n;
	int result = add_words(s, e);

	for (unsigned i = before; result == 0 && fits && i < list->n; i++)
		if (!fits(span_of(list->at[i])))
			result = err_say(e, "%s: %s", why, list->at[i]);
	if (result < 0)
		parse_cut(list, before);
	return result;
}

int parse_words(const struct setting *s, struct err *e)
{
	return parse_words_like(s, NULL, NULL, e);
}
