#include "json.h"

#include <inttypes.h>
#include <stddef.h>

void json_open(struct json *j, FILE *out)
{
	*j = (struct json){ .out = out };
}

/* Length of the well-formed UTF-8 sequence at `s`, or 0. */
static int utf8_length(const unsigned char *s)
{
	int more = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : s[0] < 0xf5 ? 3 : 0;

	for (int i = 1; i <= more; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* overlong forms, surrogates and what is past U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return more ? more + 1 : 0;
}

static void quoted(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	putc('"', out);
	while (*s) {
		int len = *s < 0x80 ? 1 : utf8_length(s);

		if (len == 0)
			fprintf(out, "\\u%04x", *s++); /* as Latin-1: the byte stays readable */
		else if (len > 1)
			s += fwrite(s, 1, (size_t)len, out);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(out, "\\u%04x", *s++);
		else
			fprintf(out, *s == '"' || *s == '\\' ? "\\%c" : "%c", *s), s++;
	}
	putc('"', out);
}

static void lead(struct json *j, const char *name)
{
	if (j->filled[j->depth])
		putc(',', j->out);
	j->filled[j->depth] = true;
	if (!name)
		return;
	quoted(j->out, name);
	putc(':', j->out);
}

static void open_level(struct json *j, const char *name, char open, char close)
{
	lead(j, name);
	putc(open, j->out);
	if (j->depth + 1 < JSON_DEPTH_MAX)
		j->depth++;
	j->filled[j->depth] = false;
	j->close[j->depth] = close;
}

void json_object(struct json *j, const char *name)
{
	open_level(j, name, '{', '}');
}

void json_array(struct json *j, const char *name)
{
	open_level(j, name, '[', ']');
}

void json_end(struct json *j)
{
	putc(j->close[j->depth], j->out);
	if (j->depth > 0)
		j->depth--;
	if (j->depth == 0)
		putc('\n', j->out);
}

void json_text(struct json *j, const char *name, const char *value)
{
	lead(j, name);
	if (value)
		quoted(j->out, value);
	else
		fputs("null", j->out);
}

void json_number(struct json *j, const char *name, int64_t value)
{
	lead(j, name);
	fprintf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *name, bool value)
{
	lead(j, name);
	fputs(value ? "true" : "false", j->out);
}
