#include "expand.h"

#include <string.h>

struct out {
	const char **words;
	size_t n, max;
	char *buf;
	size_t used, size;
	char *word; /* where the word being made begins */
};

static bool put(struct out *o, const char *text, size_t len)
{
	if (len >= o->size - o->used)
		return false;
	memcpy(o->buf + o->used, text, len);
	o->used += len;
	return true;
}

static bool end_word(struct out *o)
{
	if (o->n + 1 >= o->max || o->used >= o->size)
		return false;
	o->buf[o->used++] = '\0';
	o->words[o->n++] = o->word;
	o->word = o->buf + o->used;
	return true;
}

static bool is_name_char(char c, bool first)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && c >= '0' && c <= '9');
}

bool expand_is_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.at[i], i == 0))
			return false;
	return name.len > 0;
}

static size_t name_len(const char *text)
{
	size_t n = 0;

	while (is_name_char(text[n], n == 0))
		n++;
	return n;
}

/* "" for a name that is not there. */
static const char *value_of(char *const *env, const char *name, size_t len)
{
	const char *value = "";

	for (; env && *env; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			value = *env + len + 1;
	return value;
}

/* $NAME alone: as many words as the value has; quotes in it keep blanks. */
static bool split(struct out *o, const char *value)
{
	bool open = false;
	char quote = '\0';

	for (; *value; value++) {
		if (!quote && strchr(" \t\n", *value)) {
			if (open && !end_word(o))
				return false;
			open = false;
			continue;
		}
		open = true;
		if (*value == quote) {
			quote = '\0';
			continue;
		}
		if (!quote && (*value == '"' || *value == '\'')) {
			quote = *value;
			continue;
		}
		if (!put(o, value, 1))
			return false;
	}
	return !open || end_word(o);
}

/* ${NAME} and $$ inside a word. Returns what is left of it after the dollar sign. */
static const char *substitute(struct out *o, const char *at, char *const *env, bool *fits)
{
	size_t len = at[1] == '{' ? name_len(at + 2) : 0;
	const char *value;

	if (at[1] == '$') {
		*fits = put(o, "$", 1);
		return at + 2;
	}
	if (len && at[2 + len] == '}') {
		value = value_of(env, at + 2, len);
		*fits = put(o, value, strlen(value));
		return at + 3 + len;
	}
	*fits = put(o, "$", 1);
	return at + 1;
}

static bool expand_word(struct out *o, const char *word, char *const *env)
{
	size_t len = word[0] == '$' ? name_len(word + 1) : 0;
	bool fits = true;

	if (len && word[1 + len] == '\0')
		return split(o, value_of(env, word + 1, len));
	while (*word && fits) {
		if (*word == '$')
			word = substitute(o, word, env, &fits);
		else
			fits = put(o, word++, 1);
	}
	return fits && end_word(o);
}

int expand_command(const struct exec_command *command, char *const *env, const char **words,
                   size_t max, char *buf, size_t size, struct err *e)
{
	struct out o = { words, 0, max, buf, 0, size, buf };
	bool fits = true;

	for (unsigned i = 0; i < command->argc && fits; i++) {
		const char *word = command->argv[i];

		/* The name of the program is taken as it stands. */
		if (i == 0 || (command->flags & EXEC_NO_EXPAND))
			fits = put(&o, word, strlen(word)) && end_word(&o);
		else
			fits = expand_word(&o, word, env);
	}
	if (!fits || o.n >= max)
		return err_say(e, "%s: its arguments need more than %zu words or %zu bytes",
		               command->path, max - 1, size);
	words[o.n] = NULL;
	return (int)o.n;
}
