#include "words.h"

#include <string.h>

struct out {
	char *at;
	size_t len, size;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void put(struct out *o, char c)
{
	if (o->len + 1 < o->size)
		o->at[o->len] = c;
	o->len++;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* `n` digits of `base` at the front of s. -1 when they are not there. */
static int64_t number(struct span s, size_t n, int base)
{
	int64_t value = 0;

	if (s.len < n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (digit(s.at[i]) >= base)
			return -1;
		value = value * base + digit(s.at[i]);
	}
	return value;
}

static void put_utf8(struct out *o, uint32_t c)
{
	if (c < 0x80) {
		put(o, (char)c);
		return;
	}
	if (c < 0x800) {
		put(o, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			put(o, (char)(0xe0 | c >> 12));
		} else {
			put(o, (char)(0xf0 | c >> 18));
			put(o, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		put(o, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	put(o, (char)(0x80 | (c & 0x3f)));
}

static bool is_scalar(int64_t c)
{
	return c > 0 && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

/* What follows a backslash. Returns how many bytes of s it takes; 0: unknown. */
static size_t unescape(struct span s, struct out *o)
{
	static const char plain[] = "abfnrtv\\\"'s", meaning[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *p = s.at[0] ? memchr(plain, s.at[0], sizeof plain - 1) : NULL;
	struct span rest = span_from(s, 1);
	int64_t c;

	if (p) {
		put(o, meaning[p - plain]);
		return 1;
	}
	if (s.at[0] == 'x' && (c = number(rest, 2, 16)) > 0) {
		put(o, (char)c);
		return 3;
	}
	if (s.at[0] == 'u' && is_scalar(c = number(rest, 4, 16))) {
		put_utf8(o, (uint32_t)c);
		return 5;
	}
	if (s.at[0] == 'U' && is_scalar(c = number(rest, 8, 16))) {
		put_utf8(o, (uint32_t)c);
		return 9;
	}
	if ((c = number(s, 3, 8)) > 0 && c < 256) {
		put(o, (char)c);
		return 3;
	}
	return 0;
}

static int escape(struct words *w, struct out *o, struct err *e)
{
	struct span after = span_from(w->left, 1);

	if (w->escapes == WORD_RAW_ESCAPES) {
		put(o, '\\');
		w->left = after;
		return 0;
	}
	if (after.len == 0)
		return err_say(e, "a backslash at the end");

	size_t n = unescape(after, o);

	if (n == 0) {
		put(o, '\\');
		w->unknown_escape = true;
	}
	w->left = span_from(after, n);
	return 0;
}

static void skip(struct words *w)
{
	w->left.at++;
	w->left.len--;
}

int words_next(struct words *w, char *buf, size_t size, size_t *len, struct err *e)
{
	struct out o = { buf, 0, size };
	char quote = '\0';

	while (w->left.len && is_blank(w->left.at[0]))
		skip(w);
	if (w->left.len == 0)
		return 0;
	while (w->left.len && (quote || !is_blank(w->left.at[0]))) {
		char c = w->left.at[0];

		if (c == '\\') {
			if (escape(w, &o, e) < 0)
				return -1;
			continue;
		}
		skip(w);
		if (c == '\0')
			return err_say(e, "a NUL byte");
		if (c == quote)
			quote = '\0';
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else
			put(&o, c);
	}
	if (quote)
		return err_say(e, "%c is not closed", quote);
	if (o.len >= size)
		return err_say(e, "a word of more than %zu bytes", size - 1);
	buf[o.len] = '\0';
	*len = o.len;
	return 1;
}
