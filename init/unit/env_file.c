/* EnvironmentFile=: like a shell's assignments, without a shell. */
#include "expand.h"

#include <string.h>

enum { VALUE_MAX = 65536, NAME_MAX_LEN = 256 };

struct reader {
	struct span left;
	char value[VALUE_MAX];
	size_t used;
	size_t keep; /* bytes that trailing blanks don't take away */
	bool full;
};

static int peek(const struct reader *r)
{
	return r->left.len ? (unsigned char)r->left.at[0] : -1;
}

static int next(struct reader *r)
{
	int c = peek(r);

	if (c >= 0)
		r->left = span_from(r->left, 1);
	return c;
}

static void put(struct reader *r, int c, bool keep)
{
	if (r->used + 1 >= sizeof r->value) {
		r->full = true;
		return;
	}
	r->value[r->used++] = (char)c;
	if (keep)
		r->keep = r->used;
}

/* Between quotes; a backslash is for the characters that `special` names. */
static void quoted(struct reader *r, int quote, const char *special)
{
	int c;

	while ((c = next(r)) >= 0 && c != quote) {
		if (c == '\\' && quote == '"') {
			int escaped = next(r);

			if (escaped == '\n' || escaped < 0)
				continue;
			if (!strchr(special, escaped))
				put(r, '\\', true);
			put(r, escaped, true);
			continue;
		}
		put(r, c, true);
	}
	r->keep = r->used;
}

/* The value up to the end of its line. Blanks at both ends don't count. */
static void read_value(struct reader *r)
{
	int c;

	r->used = r->keep = 0;
	while (peek(r) == ' ' || peek(r) == '\t')
		next(r);
	while ((c = next(r)) >= 0 && c != '\n' && c != '\r') {
		if (c == '"' || c == '\'') {
			quoted(r, c, "\"\\`$");
		} else if (c == '\\') {
			c = next(r);
			if (c >= 0 && c != '\n')
				put(r, c, true);
		} else {
			put(r, c, c != ' ' && c != '\t');
		}
	}
	r->value[r->keep] = '\0';
}

static void skip_line(struct reader *r)
{
	int c;

	while ((c = next(r)) >= 0 && c != '\n')
		if (c == '\\')
			next(r);
}

int expand_env_file(struct span text, int (*set)(void *ctx, const char *name, const char *value),
                    void *ctx, struct err *e)
{
	struct reader r = { .left = text };

	while (r.left.len) {
		char name[NAME_MAX_LEN];
		size_t len = 0;

		while (peek(&r) == ' ' || peek(&r) == '\t' || peek(&r) == '\n' || peek(&r) == '\r')
			next(&r);
		while (len < r.left.len && !strchr("=\n#;", r.left.at[len]))
			len++;
		if (len == r.left.len || r.left.at[len] != '=') {
			skip_line(&r);
			continue;
		}

		struct span key = span_trim((struct span){ r.left.at, len });
		bool good = expand_is_name(key) && span_copy(key, name, sizeof name);

		r.left = span_from(r.left, len + 1);
		read_value(&r);
		if (r.full)
			return err_say(e, "%.*s: longer than %d bytes", SPAN_ARGS(key), VALUE_MAX - 1);
		if (good && memchr(r.value, '\0', r.keep) == NULL && set(ctx, name, r.value) < 0)
			return err_say(e, "no room for %s", name);
	}
	return 0;
}
