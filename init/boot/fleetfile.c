#include "fleetfile.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "../../overlay/tar/member.h"

#define BLANKS " \t"
#define SERIAL "serial:"

enum { MAC_LENGTH = 17 };

enum whose { WHOSE_NOBODYS, WHOSE_OTHERS, WHOSE_ALL, WHOSE_MINE };

struct reader {
	const struct fleetfile_machine *machine;
	struct fleetfile *out;
	enum whose wanted; /* whose sections this pass takes */
	enum whose section;
	unsigned line;
	size_t used; /* bytes of out->conf */
};

static bool is_mac(struct span text)
{
	if (text.len != MAC_LENGTH)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (i % 3 == 2 ? text.at[i] != ':' && text.at[i] != '-'
		               : !isxdigit((unsigned char)text.at[i]))
			return false;
	return true;
}

static bool same_mac(struct span text, const char *mac)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] != ':' && text.at[i] != '-' &&
		    tolower((unsigned char)text.at[i]) != mac[i])
			return false;
	return true;
}

static bool has_mac(const struct fleetfile_machine *m, struct span text)
{
	for (size_t i = 0; i < m->n_macs; i++)
		if (strlen(m->macs[i]) == MAC_LENGTH && same_mac(text, m->macs[i]))
			return true;
	return false;
}

static bool matches(struct span pattern, const char *text)
{
	char glob[256];

	return text[0] && span_copy(pattern, glob, sizeof glob) &&
	       fnmatch(glob, text, FNM_CASEFOLD) == 0;
}

static enum whose whose_word(const struct fleetfile_machine *m, struct span word)
{
	if (span_is(word, "default"))
		return WHOSE_ALL;
	if (is_mac(word) ? has_mac(m, word) : matches(word, m->hostname))
		return WHOSE_MINE;
	return WHOSE_OTHERS;
}

/* What stands between the brackets. A serial number may have blanks in it. */
static enum whose whose_section(const struct fleetfile_machine *m, struct span name)
{
	enum whose whose = WHOSE_OTHERS;
	struct span word;

	if (span_starts(name, SERIAL)) {
		name = span_trim(span_from(name, sizeof SERIAL - 1));
		return name.len && name.len == strlen(m->serial) && span_is(name, m->serial)
		               ? WHOSE_MINE
		               : WHOSE_OTHERS;
	}
	while (span_word(&name, BLANKS, &word)) {
		enum whose its = whose_word(m, word);

		if (its > whose)
			whose = its;
	}
	return whose;
}

/* Of a name in brackets: a glob has some of its own. */
static bool brackets_match(struct span name)
{
	size_t open = 0;

	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] == ']' && open == 0)
			return false;
		open += name.at[i] == '[';
		open -= name.at[i] == ']';
	}
	return open == 0;
}

static int take_section(struct reader *r, struct span line, struct err *e)
{
	struct span name = { line.at + 1, line.len - 1 };

	if (!span_ends(line, "]") || line.len < 3)
		return err_say(e, "line %u: a section is a name in brackets", r->line);
	name.len--;
	name = span_trim(name);
	if (name.len == 0 || !brackets_match(name))
		return err_say(e, "line %u: a section is a name in brackets", r->line);
	r->section = whose_section(r->machine, name);
	if (r->section == r->wanted)
		r->out->matched = true;
	return 0;
}

/* Where ":/TARGET" begins; a URL has "://" only. NULL: there is none. */
static const char *find_target(struct span word)
{
	for (size_t i = word.len; i-- > 1;)
		if (word.at[i] == '/' && word.at[i - 1] == ':' &&
		    (i + 1 == word.len || word.at[i + 1] != '/'))
			return word.at + i;
	return NULL;
}

static bool is_archive(struct span name)
{
	return span_ends(name, ".tar.gz") || span_ends(name, ".tgz");
}

static int fill_put(const struct reader *r, struct span word, struct fleetfile_put *put,
                    struct err *e)
{
	const char *target = find_target(word);
	struct span from = { word.at, target ? (size_t)(target - 1 - word.at) : word.len };
	char path[MEMBER_PATH_MAX];

	*put = (struct fleetfile_put){ .line = r->line };
	if (from.len == 0 || !span_copy(from, put->from, sizeof put->from))
		return err_say(e, "line %u: files=%.*s: no name, or one that is too long", r->line,
		               SPAN_ARGS(word));
	if (!target && !is_archive(from))
		return err_say(e,
		               "line %u: files=%.*s: neither a .tar.gz nor FILE:/WHERE/IT/GOES",
		               r->line, SPAN_ARGS(word));
	if (!target)
		return 0;
	if (member_path(target + 1, word.len - (size_t)(target + 1 - word.at), path, e) < 0)
		return err_wrap(e, "line %u: files=", r->line);
	if (!path[0] || !span_copy(span_of(path), put->to, sizeof put->to))
		return err_say(e, "line %u: files=%.*s: no name for it, or one that is too long",
		               r->line, SPAN_ARGS(word));
	return 0;
}

static int take_files(const struct reader *r, struct span value, bool mine, struct err *e)
{
	struct fleetfile *out = r->out;
	struct fleetfile_put put;
	struct span word;
	bool any = false;

	for (; span_word(&value, BLANKS, &word); any = true) {
		if (fill_put(r, word, &put, e) < 0)
			return -1;
		if (!mine)
			continue;
		if (out->n_files == FLEETFILE_FILES_MAX)
			return err_say(e, "line %u: more than %d files for one machine", r->line,
			               FLEETFILE_FILES_MAX);
		out->files[out->n_files++] = put;
	}
	/* none of those before */
	if (!any && mine)
		out->n_files = 0;
	return 0;
}

static int take_setting(struct reader *r, struct span line, struct err *e)
{
	struct fleetfile *out = r->out;

	if (out->n_lines == FLEETFILE_LINES_MAX || r->used + line.len + 2 > sizeof out->conf)
		return err_say(e, "line %u: more settings for one machine than there is room for",
		               r->line);
	memcpy(out->conf + r->used, line.at, line.len);
	r->used += line.len;
	out->conf[r->used++] = '\n';
	out->conf[r->used] = '\0';
	out->lines[out->n_lines++] = r->line;
	return 0;
}

static int take_key(struct reader *r, struct span line, struct err *e)
{
	bool mine = r->section == r->wanted;
	struct span name, value;

	span_cut(line, '=', &name, &value);
	name = span_trim(name);
	if (r->section == WHOSE_NOBODYS)
		return err_say(e, "line %u: %.*s stands before the first section", r->line,
		               SPAN_ARGS(name));
	if (name.len == 0 || memchr(name.at, ' ', name.len) || memchr(name.at, '\t', name.len))
		return err_say(e, "line %u: neither a section, a key nor a comment", r->line);
	if (span_is(name, "files"))
		return take_files(r, value.at ? value : span_of(""), mine, e);
	return mine ? take_setting(r, line, e) : 0;
}

static bool has_control(struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t')
			return true;
	return false;
}

static int read_all(struct reader *r, struct span text, struct err *e)
{
	struct span line;

	r->section = WHOSE_NOBODYS;
	for (r->line = 1; span_line(&text, &line); r->line++) {
		line = span_trim(line);
		if (has_control(line))
			return err_say(e, "line %u holds control characters", r->line);
		if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if ((line.at[0] == '[' ? take_section(r, line, e) : take_key(r, line, e)) < 0)
			return -1;
	}
	return 0;
}

int fleetfile_decode(struct span text, const struct fleetfile_machine *m, struct fleetfile *out,
                     struct err *e)
{
	struct reader r = { .machine = m, .out = out };

	*out = (struct fleetfile){ 0 };
	/* the mark that some editors put in front */
	if (span_starts(text, "\xef\xbb\xbf"))
		text = span_from(text, 3);
	for (r.wanted = WHOSE_ALL; r.wanted <= WHOSE_MINE; r.wanted++)
		if (read_all(&r, text, e) < 0)
			return -1;
	return 0;
}

bool fleetfile_same(const struct fleetfile *a, const struct fleetfile *b)
{
	if (a->n_files != b->n_files || strcmp(a->conf, b->conf) != 0)
		return false;
	for (size_t i = 0; i < a->n_files; i++)
		if (strcmp(a->files[i].from, b->files[i].from) != 0 ||
		    strcmp(a->files[i].to, b->files[i].to) != 0)
			return false;
	return true;
}
