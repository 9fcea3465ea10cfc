#include "parse.h"

#include <string.h>

#include "expand.h"
#include "words.h"

static struct exec_config *exec_of(const struct setting *s)
{
	return &s->draft->service->exec_config;
}

/* Adds the quoted words that is_good likes; the others are warned about. */
static int add_words(const struct setting *s, bool (*is_good)(struct span), struct err *e)
{
	struct load_work *w = s->loader->work;
	struct words words = { .left = s->value };
	struct span text;
	size_t len;
	int got;

	while ((got = words_next(&words, w->word, sizeof w->word, &len, e)) > 0) {
		if (parse_expand(s, (struct span){ w->word, len }, &text, e) < 0)
			return -1;
		if (is_good(text))
			parse_add(s->loader->arena, s->member, arena_copy(s->loader->arena, text));
		else
			load_say(s->loader, s->draft, UNIT_WARNING, "%s: left out: %.*s", s->row->name,
			         SPAN_ARGS(text));
	}
	return got;
}

static bool is_assignment(struct span text)
{
	struct span name, value;

	span_cut(text, '=', &name, &value);
	return value.at && expand_is_name(name);
}

int parse_environment(const struct setting *s, struct err *e)
{
	return add_words(s, is_assignment, e);
}

static bool is_name_or_assignment(struct span text)
{
	return expand_is_name(text) || is_assignment(text);
}

int parse_env_names(const struct setting *s, struct err *e)
{
	return add_words(s, is_name_or_assignment, e);
}

int parse_env_file(const struct setting *s, struct err *e)
{
	struct exec_config *x = exec_of(s);
	struct exec_env_file *list, new = { 0 };
	struct span text, value = s->value;

	if (value.len == 0) {
		x->env_files_n = 0;
		return 0;
	}
	new.optional = value.at[0] == '-';
	if (parse_expand(s, span_from(value, new.optional), &text, e) < 0)
		return -1;
	if (!span_starts(text, "/"))
		return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(text));
	new.path = arena_copy(s->loader->arena, text);
	list = parse_room(s->loader->arena, x->env_files, x->env_files_n, sizeof *list);
	x->env_files = list;
	if (!s->loader->arena->full)
		list[x->env_files_n++] = new;
	return 0;
}

int parse_label(const struct setting *s, struct err *e)
{
	struct exec_label *label = s->member;
	struct span text, value = s->value;

	*label = (struct exec_label){ 0 };
	if (value.len == 0)
		return 0;
	label->optional = value.at[0] == '-';
	if (parse_expand(s, span_from(value, label->optional), &text, e) < 0)
		return -1;
	if (text.len == 0 || memchr(text.at, '\n', text.len))
		return err_say(e, "not a name: \"%.*s\"", SPAN_ARGS(text));
	label->text = arena_copy(s->loader->arena, text);
	return 0;
}

static const struct {
	const char *name;
	enum exec_stream kind;
	bool is_prefix, input, output;
} streams[] = {
	{ "null", STREAM_NULL, false, true, true },
	{ "tty", STREAM_TTY, false, true, true },
	{ "tty-force", STREAM_TTY_FORCE, false, true, false },
	{ "tty-fail", STREAM_TTY_FAIL, false, true, false },
	{ "socket", STREAM_SOCKET, false, true, true },
	{ "data", STREAM_DATA, false, true, false },
	{ "fd", STREAM_FD, false, true, true },
	{ "fd:", STREAM_FD, true, true, true },
	{ "file:", STREAM_FILE, true, true, true },
	{ "append:", STREAM_APPEND, true, false, true },
	{ "truncate:", STREAM_TRUNCATE, true, false, true },
	{ "inherit", STREAM_INHERIT, false, false, true },
	{ "journal", STREAM_LOG, false, false, true },
	{ "syslog", STREAM_LOG, false, false, true },
	{ "kmsg", STREAM_LOG, false, false, true },
	{ "journal+console", STREAM_LOG_CONSOLE, false, false, true },
	{ "syslog+console", STREAM_LOG_CONSOLE, false, false, true },
	{ "kmsg+console", STREAM_LOG_CONSOLE, false, false, true },
};

static int parse_stream(const struct setting *s, bool input, struct err *e)
{
	struct exec_stdio stdio = { STREAM_UNSET, NULL };
	struct span value, rest = { "", 0 };

	if (parse_expand(s, s->value, &value, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
		bool fits = streams[i].is_prefix ? span_starts(value, streams[i].name)
		                                 : span_is(value, streams[i].name);

		if (!fits || !(input ? streams[i].input : streams[i].output))
			continue;
		stdio.kind = streams[i].kind;
		if (streams[i].is_prefix)
			rest = span_from(value, strlen(streams[i].name));
	}
	if (stdio.kind == STREAM_UNSET)
		return err_say(e, "not one of its values: %.*s", SPAN_ARGS(value));
	if (stdio.kind == STREAM_FILE || stdio.kind == STREAM_APPEND || stdio.kind == STREAM_TRUNCATE) {
		if (!span_starts(rest, "/"))
			return err_say(e, "not an absolute path: %.*s", SPAN_ARGS(rest));
	}
	if (stdio.kind == STREAM_SOCKET || stdio.kind == STREAM_FD || stdio.kind == STREAM_LOG_CONSOLE)
		load_say(s->loader, s->draft, UNIT_WARNING, "%s=%.*s is not supported: %s is used",
		         s->row->name, SPAN_ARGS(value), input ? "null" : "the log");
	if (rest.len || stdio.kind == STREAM_FD)
		stdio.path = arena_copy(s->loader->arena, rest);
	memcpy(s->member, &stdio, sizeof stdio);
	return 0;
}

int parse_input(const struct setting *s, struct err *e)
{
	return parse_stream(s, true, e);
}

int parse_output(const struct setting *s, struct err *e)
{
	return parse_stream(s, false, e);
}

/* One line of input a setting. */
int parse_input_text(const struct setting *s, struct err *e)
{
	struct exec_config *x = exec_of(s);
	size_t used = x->input_data_len;
	struct span text;

	if (s->value.len == 0) {
		x->input_data_len = 0;
		return 0;
	}
	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;

	char *data = arena_grow(s->loader->arena, x->input_data, used, used + text.len + 1, 1);

	if (s->loader->arena->full)
		return 0;
	memcpy(data + used, text.at, text.len);
	data[used + text.len] = '\n';
	x->input_data = data;
	x->input_data_len = used + text.len + 1;
	return 0;
}

int parse_working_directory(const struct setting *s, struct err *e)
{
	struct exec_config *x = exec_of(s);
	struct span value = s->value, text;

	x->working_directory_optional = false;
	x->working_directory = NULL;
	if (value.len == 0)
		return 0;
	if (value.at[0] == '-') {
		x->working_directory_optional = true;
		value = span_from(value, 1);
	}
	if (parse_expand(s, value, &text, e) < 0)
		return -1;
	if (!span_is(text, "~") && !span_starts(text, "/"))
		return err_say(e, "neither ~ nor an absolute path: %.*s", SPAN_ARGS(text));
	x->working_directory = arena_copy(s->loader->arena, text);
	return 0;
}

static bool is_inside(struct span path)
{
	struct span part;

	if (path.len == 0 || path.at[0] == '/')
		return false;
	while (span_word(&path, "/", &part))
		if (span_is(part, ".") || span_is(part, ".."))
			return false;
	return true;
}

int parse_dirs(const struct setting *s, struct err *e)
{
	return parse_words_like(s, is_inside, "not a relative path without ..", e);
}

/* A name that could be in the user database, or a number. */
static bool is_account(struct span name)
{
	if (name.len == 0 || name.len > 255 || name.at[0] == '-')
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.at[i] <= ' ' || name.at[i] == ':' || name.at[i] == '/')
			return false;
	return true;
}

int parse_user(const struct setting *s, struct err *e)
{
	struct span text;

	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;
	if (!is_account(text))
		return err_say(e, "not the name of an account: %.*s", SPAN_ARGS(text));

	const char *copy = arena_copy(s->loader->arena, text);

	memcpy(s->member, &copy, sizeof copy);
	return 0;
}

int parse_users(const struct setting *s, struct err *e)
{
	return add_words(s, is_account, e);
}
