/* ExecStart= and its siblings: prefixes, words, and several commands with ";". */
#include "parse.h"

#include <string.h>

#include "words.h"

enum { ARGS_MAX = 4096, COMMANDS_MAX = 256 };

static const struct {
	char letter;
	unsigned flag;
} prefixes[] = {
	{ '-', EXEC_IGNORE_FAILURE }, { '@', EXEC_ARGV0 },     { '+', EXEC_FULL_PRIVILEGES },
	{ '!', EXEC_NO_SETUID },      { ':', EXEC_NO_EXPAND },
};

static unsigned prefix_of(char c)
{
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (prefixes[i].letter == c)
			return prefixes[i].flag;
	return 0;
}

static bool at_separator(struct span left)
{
	return left.len && left.at[0] == ';' && (left.len == 1 || left.at[1] == ' ' || left.at[1] == '\t');
}

/* The next word of this command with its specifiers filled in, from the arena.
 * 1, 0 at the end of the command, or -1 with *e. */
static int next_word(const struct setting *s, struct words *words, const char **out, struct err *e)
{
	struct load_work *w = s->loader->work;
	struct span text;
	size_t len;
	int got;

	words->left = span_trim(words->left);
	if (at_separator(words->left))
		return 0;
	if (words->left.len > 1 && words->left.at[0] == '\\' && at_separator(span_from(words->left, 1))) {
		words->left = span_from(words->left, 2);
		*out = ";";
		return 1;
	}
	got = words_next(words, w->word, sizeof w->word, &len, e);
	if (got <= 0)
		return got;
	if (parse_expand(s, (struct span){ w->word, len }, &text, e) < 0)
		return -1;
	*out = arena_copy(s->loader->arena, text);
	return 1;
}

static int check_path(const char *path, struct err *e)
{
	size_t len = strlen(path);

	if (len == 0)
		return err_say(e, "no program is named");
	if (path[0] != '/' && strchr(path, '/'))
		return err_say(e, "neither an absolute path nor a bare name: %s", path);
	if (path[len - 1] == '/')
		return err_say(e, "a directory, not a program: %s", path);
	return 0;
}

/* Path and flags off the front; 1, 0 when there is nothing, or -1 with *e. */
static int take_path(const struct setting *s, struct words *words, struct exec_command *c,
                     struct err *e)
{
	const char *word;
	int got = next_word(s, words, &word, e);

	if (got <= 0)
		return got;
	while (word[0] && prefix_of(word[0]))
		c->flags |= prefix_of(*word++);
	c->path = word;
	return check_path(word, e) < 0 ? -1 : 1;
}

static int take_args(const struct setting *s, struct words *words, struct exec_command *c,
                     struct err *e)
{
	struct text_list args = { NULL, 0 };
	const char *word;
	int got;

	if (!(c->flags & EXEC_ARGV0))
		parse_add(s->loader->arena, &args, c->path);
	while ((got = next_word(s, words, &word, e)) > 0) {
		if (args.n == ARGS_MAX)
			return err_say(e, "more than %d arguments", ARGS_MAX);
		parse_add(s->loader->arena, &args, word);
	}
	if (got < 0)
		return -1;
	if (args.n == 0 && !s->loader->arena->full)
		return err_say(e, "@ without a name for the process");
	c->argv = args.at;
	c->argc = args.n;
	return 0;
}

static int add_command(const struct setting *s, const struct exec_command *c, struct err *e)
{
	struct exec_list *list = s->member;
	struct exec_command *at;

	if (list->n == COMMANDS_MAX)
		return err_say(e, "more than %d commands", COMMANDS_MAX);
	at = parse_room(s->loader->arena, list->at, list->n, sizeof *at);
	list->at = at;
	if (s->loader->arena->full)
		return 0;
	at[list->n++] = *c;
	return 0;
}

int parse_command(const struct setting *s, struct err *e)
{
	struct words words = { .left = s->value };
	int got = 0;

	while (words.left.len) {
		struct exec_command c = { 0 };

		got = take_path(s, &words, &c, e);
		if (got < 0 || (got > 0 && (take_args(s, &words, &c, e) < 0 || add_command(s, &c, e) < 0)))
			return -1;
		words.left = span_trim(words.left);
		if (at_separator(words.left))
			words.left = span_trim(span_from(words.left, 1));
	}
	if (words.unknown_escape)
		load_say(s->loader, s->draft, UNIT_WARNING, "%s: an unknown escape is kept as it stands",
		         s->row->name);
	return 0;
}
