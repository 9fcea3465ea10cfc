/* slate harden: applies the hardening table, and shows what came of it. */
#include <stdio.h>
#include <string.h>

#include "../base/command.h"
#include "../base/hardened.h"
#include "../base/json.h"
#include "show.h"
#include "tell.h"
#include "verbs.h"

/* --- Applying --- */

static bool is_for_the_end(const struct hardening_row *row)
{
	return row->kind == HARDENING_LOCKDOWN || row->kind == HARDENING_SWITCH;
}

static int apply_end(enum setting_harden profile)
{
	static struct hardening h;
	struct err e = { 0 };
	int read = hardening_load(profile, &h, &e);

	if (read < 0)
		tell_degraded("harden: %s", e.text);
	return tell_hardened(&h, is_for_the_end) < 0 || read < 0 ? COMMAND_FAILED : COMMAND_DONE;
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
	int read = hardening_load(profile, &h, &e);

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
	bool as_json = false, applies = false, bad = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0) {
			as_json = true;
		} else if (strcmp(argv[i], "--apply") == 0 && i + 1 < argc) {
			applies = true;
			bad |= strcmp(argv[++i], "end") != 0;
		} else {
			profile = hardening_profile_of(span_of(argv[i]));
			bad |= profile == HARDEN_UNSET;
		}
	}
	if (bad || (applies && as_json))
		return tell_usage(argv[0]);
	if (profile == HARDEN_UNSET)
		profile = hardening_profile();
	if (profile == HARDEN_UNSET && applies)
		return COMMAND_DONE;
	if (profile == HARDEN_UNSET) {
		fprintf(stderr, "slate: harden: slate.harden= is not set; this is what strict would be\n");
		profile = HARDEN_STRICT;
	}
	return applies ? apply_end(profile) : show(profile, as_json);
}
