/* One unit file's lines become settings of the draft, by the directive table. */
#include "load.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

const struct unit unit_default = {
	.reason = "",
	.description = "",
	.default_dependencies = true,
	.start_limit_interval_us = 10000000,
	.start_limit_burst = 5,
};

const struct service_config service_default = {
	.guess_main_pid = true,
	.reload_signal = SIGHUP,
	.restart_us = 100000,
	.restart_max_us = UNIT_FOREVER,
	.timeout_start_us = 90000000,
	.timeout_stop_us = 90000000,
	.timeout_abort_us = UNIT_FOREVER,
	.runtime_max_us = UNIT_FOREVER,
	.exec_config = {
		.umask = 0022,
		.dirs = {
			[DIR_RUNTIME].mode = 0755, [DIR_STATE].mode = 0755, [DIR_CACHE].mode = 0755,
			[DIR_LOGS].mode = 0755,    [DIR_CONFIGURATION].mode = 0755,
		},
		.io_class = IOCLASS_UNSET,
		.io_priority = -1,
		.ignore_sigpipe = true,
		.kill = {
			.signal = SIGTERM, .watchdog_signal = SIGABRT,
			.send_sigkill = true,
		},
		.cgroup.cpu_quota_period_us = 100000,
	},
};

const struct sandbox sandbox_default = {
	.bounding = SANDBOX_ALL_CAPABILITIES,
	.call_error = CALL_KILLED,
};

static void tell(const struct loader *l, const struct draft *d, const struct unitfile_line *line,
                 enum directive_kind verdict, const char *text)
{
	if (l->watch)
		l->watch->line(l->watch->ctx, d->file, line, verdict, text);
}

static char *base_of(struct draft *d, enum directive_base base)
{
	switch (base) {
	case BASE_UNIT:
		return (char *)d->unit;
	case BASE_SERVICE:
		return (char *)d->service;
	case BASE_SANDBOX:
		return (char *)&d->sandbox;
	case BASE_NONE:
		break;
	}
	return NULL;
}

static const char *default_of(enum directive_base base)
{
	static const void *const defaults[] = {
		[BASE_UNIT] = &unit_default, [BASE_SERVICE] = &service_default,
		[BASE_SANDBOX] = &sandbox_default,
	};

	return defaults[base];
}

static int apply(struct loader *l, struct draft *d, const struct directive *row, struct span value,
                 struct err *e)
{
	char *base = base_of(d, row->base);
	void *member = base ? base + row->offset : NULL;
	struct setting s = { l, d, row, member, value };

	if (value.len == 0 && !row->takes_empty) {
		if (member)
			memcpy(member, default_of(row->base) + row->offset, row->size);
		return 0;
	}
	return row->parse(&s, e);
}

static void honour(struct loader *l, struct draft *d, const struct directive *row,
                   const struct unitfile_line *line)
{
	struct err e = { 0 };

	if (apply(l, d, row, line->value, &e) == 0) {
		d->is_sandboxed |= row->base == BASE_SANDBOX;
		tell(l, d, line, HONOURED, "");
		return;
	}
	tell(l, d, line, DIRECTIVE_NONE, e.text);
	if (!row->strict)
		load_say(l, d, UNIT_WARNING, "%s=: %s; the line is left out", row->name, e.text);
	else if (d->bad[0])
		load_say(l, d, UNIT_ERROR, "%s=: %s", row->name, e.text);
	else /* told with the unit, once its files are read */
		snprintf(d->bad, sizeof d->bad, "line %u of %.60s: %s=: %.300s", d->line, d->file,
		         row->name, e.text);
}

/* X-Slate-Ignore=: run the unit without these, on the administrator's word. */
static void take_ignores(struct loader *l, struct draft *d, const struct unitfile_line *line)
{
	struct span left = line->value, word;

	if (!d->is_dropin || !d->is_admin) {
		tell(l, d, line, DIRECTIVE_NONE, "counts only in a drop-in below /etc");
		load_say(l, d, UNIT_WARNING, "X-Slate-Ignore= counts only in a drop-in below "
		         "/etc/slate/system or /etc/systemd/system");
		return;
	}
	tell(l, d, line, HONOURED, "");
	while (span_word(&left, " \t,", &word) && d->ignores_n < LOAD_IGNORES_MAX) {
		if (span_ends(word, "="))
			word.len--;
		d->ignores[d->ignores_n++] = arena_copy(l->arena, word);
		if (l->watch)
			l->watch->ignored(l->watch->ctx, d->ignores[d->ignores_n - 1]);
	}
}

static void refuse(struct loader *l, struct draft *d, int row_index,
                   const struct unitfile_line *line)
{
	const struct directive *row = directive_row((unsigned)row_index);
	bool asked = !directive_is_neutral(row, line->value);

	if (d->asks_n++ == 0)
		memset(l->work->asks, 0, sizeof l->work->asks);
	if (row_index < LOAD_DIRECTIVES_MAX)
		l->work->asks[row_index] = (struct load_ask){ asked, line->line, d->file };
	if (asked)
		tell(l, d, line, PROTECTIVE, "");
	else
		tell(l, d, line, HARMLESS, "it asks for nothing");
}

static void interpret(struct loader *l, struct draft *d, int row_index,
                      const struct unitfile_line *line)
{
	const struct directive *row = directive_row((unsigned)row_index);

	switch (row->kind) {
	case HONOURED:
		honour(l, d, row, line);
		break;
	case HARMLESS:
		tell(l, d, line, HARMLESS, "");
		break;
	case UNSUPPORTED:
		if (directive_is_neutral(row, line->value)) {
			tell(l, d, line, HARMLESS, "it asks for nothing");
			break;
		}
		tell(l, d, line, UNSUPPORTED, "");
		if (d->is_run)
			load_say(l, d, UNIT_WARNING, "%s= is not supported and left out", row->name);
		break;
	case PROTECTIVE:
		refuse(l, d, row_index, line);
		break;
	case DIRECTIVE_NONE:
		break;
	}
}

static void take_line(struct loader *l, struct draft *d, const struct unitfile_line *line,
                      struct span *told_section)
{
	unsigned section = directive_section(line->section);
	unsigned allowed = IN_UNIT | IN_INSTALL | directive_section_of(d->unit->type);
	int row;

	if (span_is(line->name, "X-Slate-Ignore")) {
		take_ignores(l, d, line);
		return;
	}
	if (span_starts(line->section, "X-") || span_starts(line->name, "X-")) {
		tell(l, d, line, HARMLESS, "for other programs");
		return;
	}
	if (!(section & allowed)) {
		tell(l, d, line, DIRECTIVE_NONE, "unknown section");
		if (told_section->len != line->section.len)
			load_say(l, d, UNIT_WARNING, "section [%.*s] is unknown in a %s unit and left out",
			         SPAN_ARGS(line->section), unit_type_name(d->unit->type));
		*told_section = line->section;
		return;
	}
	row = directive_find(&l->work->index, line->name, section);
	if (row >= 0) {
		interpret(l, d, row, line);
		return;
	}
	tell(l, d, line, DIRECTIVE_NONE, "unknown directive");
	load_say(l, d, UNIT_WARNING, "%.*s= is unknown in [%.*s] and left out", SPAN_ARGS(line->name),
	         SPAN_ARGS(line->section));
}

void load_text(struct loader *l, struct draft *d, struct span text)
{
	struct span told_section = { "", 0 };
	struct unitfile_line line;
	struct unitfile f;
	struct err e;
	int got;

	unitfile_open(&f, text, l->work->joined);
	while ((got = unitfile_next(&f, &line, &e)) != 0) {
		d->line = line.line;
		if (got > 0) {
			take_line(l, d, &line, &told_section);
			continue;
		}
		tell(l, d, &line, DIRECTIVE_NONE, e.text);
		load_say(l, d, UNIT_WARNING, "%s; the line is left out", e.text);
	}
	d->line = 0;
}
