#include "hardening.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "paths.h"

static const struct {
	const char *word;
	enum hardening_kind kind;
} kinds[] = {
	{ "boot", HARDENING_BOOT },
	{ "early", HARDENING_BOOT },
	{ "sysctl", HARDENING_SYSCTL },
	{ "mount", HARDENING_MOUNT },
	{ "tmpfs", HARDENING_TMPFS },
	{ "bind", HARDENING_BIND },
	{ "lockdown", HARDENING_LOCKDOWN },
	{ "switch", HARDENING_SWITCH },
};

static enum hardening_kind kind_of(struct span word)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (span_is(word, kinds[i].word))
			return kinds[i].kind;
	return HARDENING_NONE;
}

bool hardening_is_mount(const struct hardening_row *row)
{
	return row->kind == HARDENING_MOUNT || row->kind == HARDENING_TMPFS ||
	       row->kind == HARDENING_BIND;
}

/* May the name become a path below /proc/sys or a mount point? */
static bool name_is_sane(const struct hardening_row *row, struct span name)
{
	bool is_path = hardening_is_mount(row);

	if (is_path != span_starts(name, "/"))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if ((name.at[i] == '.' && i + 1 < name.len && name.at[i + 1] == '.') ||
		    (!is_path && name.at[i] == '/'))
			return false;
	return true;
}

/* 1: a row of the profile; 0: of another; -1 with *e. */
static int decode(struct span line, enum setting_harden profile, struct hardening_row *row,
                  struct err *e)
{
	static const char blanks[] = " \t";
	struct span kind, profiles, name, wanted;

	if (!span_word(&line, blanks, &kind) || !span_word(&line, blanks, &profiles) ||
	    !span_word(&line, blanks, &name) || !span_word(&line, blanks, &wanted))
		return err_say(e, "not KIND PROFILES NAME WANTED WHY");
	*row = (struct hardening_row){ .kind = kind_of(kind), .early = span_is(kind, "early") };
	if (!row->kind)
		return err_say(e, "no such kind: %.*s", SPAN_ARGS(kind));
	if (!name_is_sane(row, name))
		return err_say(e, "not a name of this kind: %.*s", SPAN_ARGS(name));
	if (span_is(wanted, "-"))
		wanted = span_of("");
	if (!span_copy(name, row->name, sizeof row->name) ||
	    !span_copy(wanted, row->wanted, sizeof row->wanted) ||
	    !span_copy(span_trim(line), row->why, sizeof row->why))
		return err_say(e, "%.*s: the line is too long", SPAN_ARGS(name));
	if (span_is(profiles, "all"))
		return 1;
	if (span_is(profiles, "strict"))
		return profile == HARDEN_STRICT;
	if (span_is(profiles, "hotplug"))
		return profile == HARDEN_HOTPLUG;
	return err_say(e, "no such profile: %.*s", SPAN_ARGS(profiles));
}

/* Calls each(h, line, e) for every line that says something. -1 with the first error. */
static int each_line(struct span text, struct hardening *h,
                     int (*each)(struct hardening *h, struct span line, enum setting_harden profile,
                                 struct err *e),
                     enum setting_harden profile, struct err *e)
{
	struct span line;
	struct err why;
	int result = 0;

	for (unsigned number = 1; span_line(&text, &line); number++) {
		line = span_trim(line);
		if (line.len == 0 || line.at[0] == '#' || each(h, line, profile, &why) == 0)
			continue;
		if (result == 0)
			*e = why, err_wrap(e, "line %u", number);
		result = -1;
	}
	return result;
}

static int add_row(struct hardening *h, struct span line, enum setting_harden profile, struct err *e)
{
	struct hardening_row row;
	int result = decode(line, profile, &row, e);

	if (result <= 0)
		return result;
	if (h->n == HARDENING_ROWS_MAX)
		return err_say(e, "more than %d settings", HARDENING_ROWS_MAX);
	h->rows[h->n++] = row;
	return 0;
}

int hardening_read(struct span text, enum setting_harden profile, struct hardening *out, struct err *e)
{
	out->n = 0;
	return each_line(text, out, add_row, profile, e);
}

static int change_row(struct hardening *h, struct span line, enum setting_harden profile,
                      struct err *e)
{
	struct span name, value;
	bool found = false;

	(void)profile;
	span_cut(line, '=', &name, &value);
	name = span_trim(name);
	if (!value.at)
		return err_say(e, "not NAME = VALUE");
	value = span_trim(value);
	for (unsigned i = 0; i < h->n; i++) {
		struct hardening_row *row = &h->rows[i];

		if (!span_is(name, row->name) || row->kind == HARDENING_BOOT)
			continue;
		found = true;
		if (span_is(value, "keep"))
			row->kept = true;
		else if (!span_copy(value, row->wanted, sizeof row->wanted))
			return err_say(e, "%.*s: the value is too long", SPAN_ARGS(name));
	}
	if (!found)
		return err_say(e, "%.*s: not a setting of this profile", SPAN_ARGS(name));
	return 0;
}

int hardening_apply_site(struct hardening *h, struct span text, struct err *e)
{
	return each_line(text, h, change_row, HARDEN_UNSET, e);
}

bool hardening_word(const struct hardening_row *row, char *word, size_t size)
{
	int len = snprintf(word, size, "%s%s%s", row->name, row->wanted[0] ? "=" : "", row->wanted);

	return len > 0 && (size_t)len < size;
}

/* --- In the running system --- */

static const char *const tables[] = {
	"/etc/slate/hooks/" HARDENING_FILE,
	"/usr/lib/slate/hooks/" HARDENING_FILE,
	PATH_SHIPPED "/hooks/" HARDENING_FILE,
};

static const struct {
	const char *word;
	enum setting_harden profile;
} profiles[] = { { "strict", HARDEN_STRICT }, { "hotplug", HARDEN_HOTPLUG } };

enum setting_harden hardening_profile_of(struct span word)
{
	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (span_is(word, profiles[i].word))
			return profiles[i].profile;
	return HARDEN_UNSET;
}

enum setting_harden hardening_profile(void)
{
	char text[32];
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, PATH_HARDEN, text, sizeof text, &ignored);

	return len < 0 ? HARDEN_UNSET
	               : hardening_profile_of(span_trim((struct span){ text, (size_t)len }));
}

int hardening_load(enum setting_harden profile, struct hardening *out, struct err *e)
{
	static char text[32768];
	ssize_t len = -1;
	size_t i = 0;
	int result;

	out->n = 0;
	while (len < 0 && i < sizeof tables / sizeof *tables)
		len = fd_read_file(AT_FDCWD, tables[i++], text, sizeof text, e);
	if (len < 0)
		return -1;
	result = hardening_read((struct span){ text, (size_t)len }, profile, out, e);
	if (result < 0)
		err_wrap(e, "%s", tables[i - 1]);
	if (access(HARDENING_SITE, F_OK) < 0)
		return result;

	struct err why;

	len = fd_read_file(AT_FDCWD, HARDENING_SITE, text, sizeof text, &why);
	if (len >= 0 && hardening_apply_site(out, (struct span){ text, (size_t)len }, &why) == 0)
		return result;
	*e = why;
	return err_wrap(e, HARDENING_SITE);
}
