/* Paths of a sandbox: what a unit sees of the files, and how. */
#include "parse.h"

#include <string.h>

#include "value.h"
#include "words.h"

/* Takes the marks off the front: "-", may be missing; "+", below RootDirectory=, which
 * is "/" here. The rest must be absolute. */
static int take_marks(struct span *path, bool *optional, struct err *e)
{
	while (span_starts(*path, "-") || span_starts(*path, "+")) {
		*optional |= path->at[0] == '-';
		*path = span_from(*path, 1);
	}
	if (!span_starts(*path, "/"))
		return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(*path));
	return 0;
}

/* The next word with its specifiers filled in. As words_next. */
static int next(const struct setting *s, struct words *words, struct span *text, struct err *e)
{
	struct load_work *w = s->loader->work;
	size_t len;
	int got = words_next(words, w->word, sizeof w->word, &len, e);

	if (got > 0 && parse_expand(s, (struct span){ w->word, len }, text, e) < 0)
		return -1;
	return got;
}

int parse_paths(const struct setting *s, struct err *e)
{
	struct words words = { .left = s->value };
	struct arena *a = s->loader->arena;
	struct span path;
	int got;

	while ((got = next(s, &words, &path, e)) > 0) {
		bool optional = false;
		char *copy;

		if (take_marks(&path, &optional, e) < 0)
			return -1;
		copy = arena_take(a, path.len + 2, 1);
		if (a->full)
			return 0;
		copy[0] = '-';
		memcpy(copy + optional, path.at, path.len);
		parse_add(a, s->member, copy);
	}
	return got;
}

static int read_bind(const struct setting *s, struct span text, struct sandbox_bind *b,
                     struct err *e)
{
	struct span from, to, options = { NULL, 0 }, rest;

	b->read_only = s->row->arg;
	span_cut(text, ':', &from, &rest);
	span_cut(rest, ':', &to, &options);
	if (take_marks(&from, &b->optional, e) < 0)
		return -1;
	if (!rest.at || to.len == 0)
		to = from;
	if (!span_starts(to, "/"))
		return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(to));
	b->flat = span_is(options, "norbind");
	if (options.len && !b->flat && !span_is(options, "rbind"))
		return err_say(e, "neither rbind nor norbind: %.*s", SPAN_ARGS(options));
	b->from = arena_copy(s->loader->arena, from);
	b->to = arena_copy(s->loader->arena, to);
	return 0;
}

/* Both kinds share a list, which an empty value of either empties, as systemd's does. */
int parse_binds(const struct setting *s, struct err *e)
{
	struct sandbox *box = &s->draft->sandbox;
	struct words words = { .left = s->value };
	struct span text;
	int got;

	if (s->value.len == 0)
		box->binds_n = 0;
	while ((got = next(s, &words, &text, e)) > 0) {
		struct sandbox_bind *list, new = { 0 };

		if (read_bind(s, text, &new, e) < 0)
			return -1;
		list = parse_room(s->loader->arena, box->binds, box->binds_n, sizeof *list);
		box->binds = list;
		if (!s->loader->arena->full)
			list[box->binds_n++] = new;
	}
	return got;
}

int parse_tmpfs(const struct setting *s, struct err *e)
{
	struct sandbox *box = &s->draft->sandbox;
	struct words words = { .left = s->value };
	struct span text, at, options;
	int got;

	if (s->value.len == 0)
		box->tmpfs_n = 0;
	while ((got = next(s, &words, &text, e)) > 0) {
		struct sandbox_tmpfs *list, new;

		span_cut(text, ':', &at, &options);
		if (!span_starts(at, "/"))
			return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(at));
		new.at = arena_copy(s->loader->arena, at);
		new.options = arena_copy(s->loader->arena, options.at ? options : span_of(""));
		list = parse_room(s->loader->arena, box->tmpfs, box->tmpfs_n, sizeof *list);
		box->tmpfs = list;
		if (!s->loader->arena->full)
			list[box->tmpfs_n++] = new;
	}
	return got;
}

/* MountFlags=: the weaker kinds of separation are all the one that PrivateMounts= gives. */
int parse_mount_flags(const struct setting *s, struct err *e)
{
	struct sandbox *box = &s->draft->sandbox;

	if (!span_is(s->value, "shared") && !span_is(s->value, "slave") &&
	    !span_is(s->value, "private"))
		return err_say(e, "not shared, slave or private: %.*s", SPAN_ARGS(s->value));
	box->private_mounts |= !span_is(s->value, "shared");
	return 0;
}

/* A choice of words, besides yes and no: `arg` is what yes means. */
int parse_choice_or_bool(const struct setting *s, struct err *e)
{
	bool on;
	int value;

	if (!value_bool(s->value, &on))
		return parse_choice(s, e);
	value = on ? (int)s->row->arg : 0;
	memcpy(s->member, &value, sizeof value);
	return 0;
}
