/* slate harden: applies the hardening table, and shows what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/command.h"
#include "../base/degraded.h"
#include "../base/fd.h"
#include "../base/hardening.h"
#include "../base/json.h"
#include "../base/paths.h"
#include "hardened.h"
#include "show.h"
#include "tell.h"
#include "verbs.h"

static const char *const tables[] = {
	"/etc/slate/hooks/" HARDENING_FILE,
	"/usr/lib/slate/hooks/" HARDENING_FILE,
	PATH_SHIPPED "/hooks/" HARDENING_FILE,
};

static const struct {
	const char *word;
	enum setting_harden profile;
} profiles[] = { { "strict", HARDEN_STRICT }, { "hotplug", HARDEN_HOTPLUG } };

static enum setting_harden profile_of(struct span word)
{
	for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++)
		if (span_is(word, profiles[i].word))
			return profiles[i].profile;
	return HARDEN_UNSET;
}

/* What was asked for at boot. */
static enum setting_harden profile_in_force(void)
{
	char text[32];
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, PATH_HARDEN, text, sizeof text, &ignored);

	return len < 0 ? HARDEN_UNSET : profile_of(span_trim((struct span){ text, (size_t)len }));
}

/* The table and what the site makes of it. -1 with *e; what could be read is there. */
static int read_rows(enum setting_harden profile, struct hardening *h, struct err *e)
{
	static char text[32768];
	ssize_t len = -1;
	int result;
	size_t i = 0;

	h->n = 0;
	while (len < 0 && i < sizeof tables / sizeof *tables)
		len = fd_read_file(AT_FDCWD, tables[i++], text, sizeof text, e);
	if (len < 0)
		return -1;
	result = hardening_read((struct span){ text, (size_t)len }, profile, h, e);
	if (result < 0)
		err_wrap(e, "%s", tables[i - 1]);
	if (access(HARDENING_SITE, F_OK) < 0)
		return result;

	struct err why;

	len = fd_read_file(AT_FDCWD, HARDENING_SITE, text, sizeof text, &why);
	if (len >= 0 && hardening_apply_site(h, (struct span){ text, (size_t)len }, &why) == 0)
		return result;
	*e = why;
	return err_wrap(e, HARDENING_SITE);
}

/* --- Applying --- */

static bool is_of_phase(const struct hardening_row *row, bool at_end)
{
	return row->kind != HARDENING_BOOT &&
	       at_end == (row->kind == HARDENING_LOCKDOWN || row->kind == HARDENING_SWITCH);
}

static int fail(const char *text)
{
	char line[300];
	struct err ignored;

	snprintf(line, sizeof line, "harden: %s", text);
	fprintf(stderr, "slate: %s\n", line);
	degraded_add(PATH_DEGRADED, line, &ignored);
	return COMMAND_FAILED;
}

static int apply(enum setting_harden profile, bool at_end)
{
	static struct hardening h;
	struct err e = { 0 };
	int status = COMMAND_DONE;

	if (read_rows(profile, &h, &e) < 0)
		status = fail(e.text);
	for (unsigned i = 0; i < h.n; i++) {
		if (!is_of_phase(&h.rows[i], at_end))
			continue;
		if (h.rows[i].kept)
			printf("%s is left as it is, as " HARDENING_SITE " says\n", h.rows[i].name);
		else if (hardened_set(&h.rows[i], &e) < 0)
			status = fail(e.text);
	}
	return status;
}

/* --- Showing --- */

static const struct {
	const char *word;
	enum show_colour colour;
} states[] = {
	[HARDENED_OK] = { "ok", SHOW_GREEN },
	[HARDENED_DIFFERS] = { "differs", SHOW_RED },
	[HARDENED_LACKING] = { "lacking", SHOW_YELLOW },
	[HARDENED_KEPT] = { "kept", SHOW_YELLOW },
};

static void show_row(const struct hardening_row *row, const struct hardened *now)
{
	char left[140];

	snprintf(left, sizeof left, "%s%s%s", row->name, row->wanted[0] ? "=" : "", row->wanted);
	printf("%s%-8s%s %-44s %s%s%s%s\n", show_colour(states[now->state].colour),
	       states[now->state].word, show_end(), left,
	       now->state == HARDENED_OK ? "" : "(found ",
	       now->state == HARDENED_OK ? "" : now->found[0] ? now->found : "nothing",
	       now->state == HARDENED_OK ? "" : ") ", row->why);
}

static void show_json(struct json *j, const struct hardening_row *row, const struct hardened *now)
{
	json_object(j, NULL);
	json_text(j, "name", row->name);
	json_text(j, "wanted", row->wanted);
	json_text(j, "found", now->found);
	json_text(j, "state", states[now->state].word);
	json_text(j, "why", row->why);
	json_end(j);
}

static int show(enum setting_harden profile, bool as_json)
{
	static struct hardening h;
	unsigned counts[sizeof states / sizeof *states] = { 0 };
	struct err e = { 0 };
	struct json j;
	int read = read_rows(profile, &h, &e);

	if (as_json) {
		json_open(&j, stdout);
		json_array(&j, NULL);
	}
	for (unsigned i = 0; i < h.n; i++) {
		struct hardened now;

		hardened_look(&h.rows[i], &now);
		counts[now.state]++;
		if (as_json)
			show_json(&j, &h.rows[i], &now);
		else
			show_row(&h.rows[i], &now);
	}
	if (as_json)
		json_end(&j), putchar('\n');
	else
		printf("%u as wanted, %u not; %u that this kernel lacks, %u left alone by this site\n",
		       counts[HARDENED_OK], counts[HARDENED_DIFFERS], counts[HARDENED_LACKING],
		       counts[HARDENED_KEPT]);
	if (read < 0) {
		fflush(stdout);
		return tell_failed("harden", &e);
	}
	return counts[HARDENED_DIFFERS] ? COMMAND_DIFFERS : COMMAND_DONE;
}

int ctl_harden(int argc, char **argv)
{
	enum setting_harden profile = HARDEN_UNSET;
	bool as_json = false, applies = false, at_end = false, bad = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			as_json = true;
		} else if (strcmp(argv[i], "--apply") == 0 && i + 1 < argc) {
			applies = true;
			at_end = strcmp(argv[++i], "end") == 0;
			bad |= !at_end && strcmp(argv[i], "start") != 0;
		} else {
			profile = profile_of(span_of(argv[i]));
			bad |= profile == HARDEN_UNSET;
		}
	}
	if (bad || (applies && as_json))
		return tell_usage(argv[0]);
	if (profile == HARDEN_UNSET)
		profile = profile_in_force();
	if (profile == HARDEN_UNSET && applies)
		return COMMAND_DONE;
	if (profile == HARDEN_UNSET) {
		fprintf(stderr, "slate: harden: slate.harden= is not set; this is what strict would be\n");
		profile = HARDEN_STRICT;
	}
	return applies ? apply(profile, at_end) : show(profile, as_json);
}
