#include "check.h"

#include <string.h>
#include <unistd.h>

#include "name.h"
#include "single.h"

enum { VERDICTS = PROTECTIVE + 1 };

struct report_ctx {
	const struct check_options *o;
	const char *file;                  /* the last that was printed */
	const char *ignores[LOAD_IGNORES_MAX];
	unsigned ignores_n;
	unsigned counts[VERDICTS], overridden;
};

static bool is_overridden(const struct report_ctx *r, struct span name)
{
	for (unsigned i = 0; i < r->ignores_n; i++)
		if (strcmp(r->ignores[i], "all") == 0 || span_is(name, r->ignores[i]))
			return true;
	return false;
}

static void no_line(void *ctx, const char *file, const struct unitfile_line *line,
                    enum directive_kind verdict, const char *text)
{
	(void)ctx, (void)file, (void)line, (void)verdict, (void)text;
}

static void no_ignored(void *ctx, const char *name)
{
	(void)ctx, (void)name;
}

static void collect_ignored(void *ctx, const char *name)
{
	struct report_ctx *r = ctx;

	if (r->ignores_n < LOAD_IGNORES_MAX)
		r->ignores[r->ignores_n++] = name;
}

static void print_text(FILE *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		fputc((unsigned char)text.at[i] < ' ' ? '?' : text.at[i], out);
}

static bool is_protection(struct span name, enum directive_kind verdict)
{
	const struct directive *row;

	if (verdict != HONOURED)
		return verdict == PROTECTIVE;
	for (unsigned i = 0; (row = directive_row(i)); i++)
		if (row->base == BASE_SANDBOX && span_is(name, row->name))
			return true;
	return false;
}

static void print_line(void *ctx, const char *file, const struct unitfile_line *line,
                       enum directive_kind verdict, const char *text)
{
	struct report_ctx *r = ctx;
	const char *word = directive_kind_name(verdict);

	if (is_protection(line->name, verdict) && is_overridden(r, line->name)) {
		word = "overridden";
		verdict = HONOURED;
		r->overridden++;
	} else {
		r->counts[verdict]++;
		if (verdict == DIRECTIVE_NONE && strncmp(text, "unknown", 7) != 0)
			word = "wrong";
	}
	if (r->o->brief && (verdict == HONOURED || verdict == HARMLESS))
		return;
	if (r->file != file)
		fprintf(r->o->out, "%s\n", file);
	r->file = file;
	fprintf(r->o->out, "%5u  %-11s  ", line->line, word);
	print_text(r->o->out, line->name);
	if (line->name.len)
		fputc('=', r->o->out);
	print_text(r->o->out, line->value);
	fprintf(r->o->out, "%s%s\n", text[0] ? "  # " : "", text);
}

/* The links that must hold and can't: what is required has no file. */
static void print_missing(const struct report_ctx *r, const struct single *s)
{
	const struct load_work *w = s->loader.work;

	for (unsigned i = 0; i < s->loader.edges_n; i++) {
		const struct unit *other = w->units[w->edges[i].to];

		if (w->edges[i].from != s->index || other->fragment || other->type == UNIT_DEVICE ||
		    other->type == UNIT_SLICE ||
		    (w->edges[i].kind != DEP_REQUIRES && w->edges[i].kind != DEP_BINDS_TO &&
		     w->edges[i].kind != DEP_REQUISITE))
			continue;
		fprintf(r->o->out, "       %s %s, of which there is no unit file\n",
		        unit_dep_name((enum unit_dep)w->edges[i].kind), other->name);
	}
}

static void print_result(const struct report_ctx *r, const struct single *s)
{
	static const enum directive_kind shown[] = { HONOURED, HARMLESS, UNSUPPORTED, PROTECTIVE,
		                                     DIRECTIVE_NONE };
	const struct unit *u = s->unit;
	const char *comma = "";

	if (r->o->brief && u->load != LOAD_BAD && !r->counts[UNSUPPORTED] &&
	    !r->counts[DIRECTIVE_NONE])
		return;
	for (unsigned i = 0; i < s->loader.messages_n; i++) {
		const char *text = s->loader.work->messages[i].text;
		size_t len = strlen(u->name);

		if (strncmp(text, u->name, len) == 0 && text[len] == ':' && u->load != LOAD_BAD)
			fprintf(r->o->out, "       note: %s\n", text + len + 2);
	}
	fprintf(r->o->out, "%s: %s", u->name, u->load == LOAD_BAD ? "REFUSED: " : "");
	if (u->load == LOAD_BAD || u->load == LOAD_MASKED)
		fprintf(r->o->out, "%s; ", u->reason);
	for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
		if (r->counts[shown[i]]) {
			fprintf(r->o->out, "%s%u %s", comma, r->counts[shown[i]],
			        shown[i] == DIRECTIVE_NONE ? "unknown or wrong"
			                                   : directive_kind_name(shown[i]));
			comma = ", ";
		}
	if (r->overridden)
		fprintf(r->o->out, "%s%u overridden", comma, r->overridden);
	fputc('\n', r->o->out);
}

/* The name that a file is read as; false: it is none of a unit. */
static bool name_of_file(const char *path, char *buf, size_t size)
{
	struct name_parts p;

	return span_copy(name_base(span_of(path)), buf, size) && name_parse(span_of(buf), &p);
}

int check_unit(const struct check_options *o, const char *what, struct err *e)
{
	struct report_ctx r = { .o = o };
	struct load_watch first = { no_line, collect_ignored, &r };
	struct load_watch second = { print_line, no_ignored, &r };
	struct single s, again;
	const char *file = strchr(what, '/') ? what : NULL;
	char name[UNIT_NAME_SIZE];
	int result;

	if (file && !name_of_file(file, name, sizeof name))
		return err_say(e, "%s: its name is none of a unit (NAME.service and the like)", file);
	if (file && access(file, R_OK) < 0)
		return err_sys(e, "%s", file);
	if (single_open(&s, &o->source, file ? name : what, file, &first, e) < 0)
		return -1;
	if (s.unit->load == LOAD_NOT_FOUND) {
		single_close(&s);
		return err_say(e, "%s: there is no such unit file", what);
	}
	result = single_open(&again, &o->source, file ? name : what, file, &second, e);
	if (result == 0) {
		print_missing(&r, &again);
		print_result(&r, &again);
		result = again.unit->load != LOAD_BAD;
		single_close(&again);
	}
	single_close(&s);
	return result;
}

int check_goal(const struct check_options *o, const char *goal, struct err *e)
{
	const char *const goals[] = { goal, NULL };
	struct unit_set *set;
	int result = 1;

	if (unit_set_load(&set, &o->source, goals, e) < 0)
		return -1;
	if (set->units[0]->load == LOAD_NOT_FOUND) {
		unit_set_free(set);
		return err_say(e, "%s: there is no such unit file", goal);
	}
	for (unsigned i = 0; i < set->n && result >= 0; i++) {
		int one = set->units[i]->fragment ? check_unit(o, set->units[i]->name, e) : 1;

		if (one <= 0)
			result = one;
	}
	for (unsigned i = 0; i < set->messages_n; i++)
		if (strncmp(set->messages[i].text, "ordering loop", 13) == 0)
			fprintf(o->out, "%s\n", set->messages[i].text);
	unit_set_free(set);
	return result;
}
