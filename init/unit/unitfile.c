#include "unitfile.h"

#include <string.h>

void unitfile_open(struct unitfile *f, struct span text, char *joined)
{
	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_from(text, 3);
	*f = (struct unitfile){ .left = text, .joined = joined };
}

static bool is_continued(struct span line)
{
	size_t slashes = 0;

	while (slashes < line.len && line.at[line.len - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

static bool is_comment(struct span line)
{
	line = span_trim(line);
	return line.len && (line.at[0] == '#' || line.at[0] == ';');
}

/* Appends to f->joined. False when it is full. */
static bool join(struct unitfile *f, size_t *used, struct span text, bool more)
{
	if (text.len + 1 > UNITFILE_VALUE_MAX - *used)
		return false;
	if (text.len)
		memcpy(f->joined + *used, text.at, text.len);
	*used += text.len;
	if (more)
		f->joined[*used - 1] = ' '; /* in place of the backslash */
	return true;
}

/* The next line with what continues it; comments in between don't end it. */
static int whole_line(struct unitfile *f, struct span *out, unsigned *at, struct err *e)
{
	struct span line;
	size_t used = 0;
	bool more = false, fits = true;

	*at = 0;
	while (span_line(&f->left, &line)) {
		f->line++;
		if (is_comment(line))
			continue;
		if (line.len && line.at[line.len - 1] == '\r')
			line.len--;
		if (!*at)
			*at = f->line;
		more = is_continued(line);
		fits = fits && join(f, &used, line, more);
		if (!more)
			break;
	}
	*out = (struct span){ f->joined, used };
	if (!fits)
		return err_say(e, "longer than %zu bytes", UNITFILE_VALUE_MAX - 1);
	return *at != 0;
}

static int section(struct unitfile *f, struct span line, struct err *e)
{
	struct span name = span_from(line, 1);

	f->section[0] = '\0';
	if (line.at[line.len - 1] != ']' || line.len < 3)
		return err_say(e, "syntax error: a section without its ]");
	name.len--;
	if (!span_copy(name, f->section, sizeof f->section))
		return err_say(e, "syntax error: a section's name is longer than %zu bytes",
		               sizeof f->section - 1);
	return 0;
}

int unitfile_next(struct unitfile *f, struct unitfile_line *out, struct err *e)
{
	struct span line;
	int got;

	*out = (struct unitfile_line){ 0 };
	while ((got = whole_line(f, &line, &out->line, e)) > 0) {
		line = span_trim(line);
		if (line.len == 0)
			continue;
		if (memchr(line.at, '\0', line.len))
			return err_say(e, "syntax error: a NUL byte");
		if (line.at[0] == '[') {
			if (section(f, line, e) < 0)
				return -1;
			continue;
		}
		span_cut(line, '=', &out->name, &out->value);
		if (!out->value.at)
			return err_say(e, "syntax error: neither a section nor NAME=VALUE");
		out->name = span_trim(out->name);
		out->value = span_trim(out->value);
		out->section = span_of(f->section);
		if (out->name.len == 0)
			return err_say(e, "syntax error: no name in front of =");
		if (f->section[0] == '\0')
			return err_say(e, "syntax error: %.*s= outside of a section",
			               SPAN_ARGS(out->name));
		return 1;
	}
	return got;
}
