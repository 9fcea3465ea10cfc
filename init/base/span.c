#include "span.h"

#include <string.h>

struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

/* The bytes that both begin with. Most names differ in the first: no length is taken. */
static size_t common(struct span s, const char *text)
{
	size_t n = 0;

	while (n < s.len && text[n] != '\0' && s.at[n] == text[n])
		n++;
	return n;
}

bool span_is(struct span s, const char *text)
{
	return common(s, text) == s.len && text[s.len] == '\0';
}

bool span_starts(struct span s, const char *prefix)
{
	return prefix[common(s, prefix)] == '\0';
}

bool span_ends(struct span s, const char *suffix)
{
	size_t len = strlen(suffix);

	return s.len >= len && memcmp(s.at + s.len - len, suffix, len) == 0;
}

struct span span_from(struct span s, size_t offset)
{
	if (offset > s.len)
		offset = s.len;
	return (struct span){ s.at + offset, s.len - offset };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span s)
{
	while (s.len && is_blank(s.at[0]))
		s = span_from(s, 1);
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

bool span_word(struct span *text, const char *separators, struct span *word)
{
	size_t from = 0;

	while (from < text->len && is_one_of(text->at[from], separators))
		from++;

	size_t to = from;

	while (to < text->len && !is_one_of(text->at[to], separators))
		to++;
	*word = (struct span){ text->at + from, to - from };
	*text = span_from(*text, to);
	return word->len > 0;
}

bool span_line(struct span *text, struct span *line)
{
	if (text->len == 0)
		return false;

	const char *end = memchr(text->at, '\n', text->len);
	size_t len = end ? (size_t)(end - text->at) : text->len;

	*line = (struct span){ text->at, len };
	*text = span_from(*text, end ? len + 1 : len);
	return true;
}

void span_cut(struct span whole, char at, struct span *name, struct span *value)
{
	const char *cut = whole.len ? memchr(whole.at, at, whole.len) : NULL;

	*name = whole;
	*value = (struct span){ NULL, 0 };
	if (!cut)
		return;
	name->len = (size_t)(cut - whole.at);
	*value = span_from(whole, name->len + 1);
}

struct span span_value(struct span lines, const char *key)
{
	struct span line, name, value;

	while (span_line(&lines, &line)) {
		span_cut(line, '=', &name, &value);
		if (value.at && span_is(name, key))
			return value;
	}
	return (struct span){ NULL, 0 };
}

bool span_copy(struct span s, char *into, size_t size)
{
	if (s.len >= size || (s.len && memchr(s.at, '\0', s.len)))
		return false;
	if (s.len)
		memcpy(into, s.at, s.len);
	into[s.len] = '\0';
	return true;
}

bool span_join(const struct span *parts, size_t n, char *into, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (parts[i].len >= size - used)
			return false;
		if (parts[i].len)
			memcpy(into + used, parts[i].at, parts[i].len);
		used += parts[i].len;
	}
	into[used] = '\0';
	return true;
}

bool span_uint(struct span s, uint64_t max, uint64_t *out)
{
	uint64_t n = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)s.at[i] - '0';

		if (digit > 9 || n > (max - digit) / 10 || (n * 10 > max - digit))
			return false;
		n = n * 10 + digit;
	}
	if (n > max)
		return false;
	*out = n;
	return true;
}
