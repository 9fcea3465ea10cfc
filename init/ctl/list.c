#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/command.h"
#include "../base/json.h"
#include "client.h"
#include "show.h"
#include "tell.h"
#include "verbs.h"

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct unit_info *)a)->name, ((const struct unit_info *)b)->name);
}

static void print_row(const struct unit_info *u)
{
	printf("%s%-36s%s %-9s %s%-12s%s %-12s %s\n", u->load[0] == 'l' ? "" : show_colour(SHOW_RED),
	       u->name, show_end(), u->load, show_colour(show_state_colour(u->active)), u->active,
	       show_end(), u->sub, u->description);
}

static void json_row(struct json *j, const struct unit_info *u)
{
	json_object(j, NULL);
	json_text(j, "name", u->name);
	json_text(j, "type", u->type);
	json_text(j, "load", u->load);
	json_text(j, "active", u->active);
	json_text(j, "sub", u->sub);
	json_text(j, "job", u->job);
	json_text(j, "description", u->description);
	json_end(j);
}

struct filter {
	const char *type; /* NULL: all */
	const char *state;
	bool all, as_json;
};

/* Whatever is merely mentioned by others and down is left out, as systemctl does. */
static bool is_wanted(const struct filter *f, const struct unit_info *u)
{
	if (f->type && strcmp(f->type, u->type) != 0)
		return false;
	if (f->state)
		return strcmp(f->state, u->active) == 0 || strcmp(f->state, u->sub) == 0;
	return f->all || u->job[0] || strcmp(u->active, "inactive") != 0;
}

static void print_list(const struct filter *f, const struct unit_list *list)
{
	struct json j;
	size_t shown = 0;

	json_open(&j, stdout);
	if (f->as_json)
		json_array(&j, NULL);
	for (size_t i = 0; i < list->n; i++) {
		if (!is_wanted(f, &list->at[i]))
			continue;
		if (f->as_json)
			json_row(&j, &list->at[i]);
		else
			print_row(&list->at[i]);
		shown++;
	}
	if (f->as_json) {
		json_end(&j);
		putchar('\n');
	} else {
		printf("%zu of %zu units%s\n", shown, list->n, f->all ? "" : "; --all shows the rest");
	}
}

int ctl_list(int argc, char **argv)
{
	struct filter f = { 0 };
	struct unit_list list;
	struct err e;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--json") == 0)
			f.as_json = true;
		else if (strcmp(argv[i], "--all") == 0 || strcmp(argv[i], "-a") == 0)
			f.all = true;
		else if (strcmp(argv[i], "--failed") == 0)
			f.state = "failed";
		else if (strncmp(argv[i], "--state=", 8) == 0)
			f.state = argv[i] + 8;
		else if (strncmp(argv[i], "--type=", 7) == 0)
			f.type = argv[i] + 7;
		else if (strcmp(argv[i], "-t") == 0 && i + 1 < argc)
			f.type = argv[++i];
		else
			return tell_usage(argv[0]);
	}
	if (client_units(NULL, &list, &e) < 0) {
		unit_list_free(&list);
		return tell_failed(argv[0], &e);
	}
	qsort(list.at, list.n, sizeof *list.at, by_name);
	print_list(&f, &list);
	unit_list_free(&list);
	return COMMAND_DONE;
}

/* --- show: systemd's names of properties --- */

struct property {
	const char *name;
	char value[640];
};

#define PROPERTIES_MAX 24

static void set(struct property *p, size_t *n, const char *name, const char *value)
{
	p[*n].name = name;
	snprintf(p[(*n)++].value, sizeof p->value, "%s", value);
}

static void set_number(struct property *p, size_t *n, const char *name, uint64_t value)
{
	p[*n].name = name;
	snprintf(p[(*n)++].value, sizeof p->value, "%" PRIu64, value);
}

static size_t properties(const struct unit_info *u, struct property *p)
{
	size_t n = 0;

	set(p, &n, "Id", u->name);
	set(p, &n, "Description", u->description);
	set(p, &n, "LoadState", u->load);
	set(p, &n, "ActiveState", u->active);
	set(p, &n, "SubState", u->sub);
	set(p, &n, "FragmentPath", u->fragment);
	set(p, &n, "Result", u->result);
	set(p, &n, "StatusText", u->status);
	set(p, &n, "ControlGroup", u->cgroup);
	set(p, &n, "Requires", u->requires);
	set(p, &n, "Wants", u->wants);
	set(p, &n, "Job", u->job);
	set_number(p, &n, "MainPID", u->main_pid);
	set_number(p, &n, "ControlPID", u->control_pid);
	set_number(p, &n, "NRestarts", u->restarts);
	set_number(p, &n, "InactiveExitTimestampMonotonic", u->begun_us);
	set_number(p, &n, "ActiveEnterTimestampMonotonic", u->up_us);
	set_number(p, &n, "StateChangeTimestampMonotonic", u->changed_us);
	set_number(p, &n, "MemoryCurrent", unit_memory(u));
	return n;
}

static bool is_asked(const char *list, const char *name)
{
	struct span rest, word;

	if (!list)
		return true;
	rest = span_of(list);
	while (span_word(&rest, ",", &word))
		if (span_is(word, name))
			return true;
	return false;
}

static void print_properties(const struct unit_info *u, const char *asked, bool bare)
{
	struct property p[PROPERTIES_MAX];
	size_t n = properties(u, p);

	for (size_t i = 0; i < n; i++)
		if (is_asked(asked, p[i].name))
			printf("%s%s%s\n", bare ? "" : p[i].name, bare ? "" : "=", p[i].value);
}

int ctl_show(int argc, char **argv)
{
	const char *asked = NULL, *names[33] = { NULL };
	bool bare = false;
	struct unit_list list;
	struct err e;
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--value") == 0)
			bare = true;
		else if (strcmp(argv[i], "-p") == 0 && i + 1 < argc)
			asked = argv[++i];
		else if (strncmp(argv[i], "-p", 2) == 0)
			asked = argv[i] + 2;
		else if (strncmp(argv[i], "--property=", 11) == 0)
			asked = argv[i] + 11;
		else if (argv[i][0] != '-' && n < 32)
			names[n++] = argv[i];
		else
			return tell_usage(argv[0]);
	}
	if (n == 0)
		return tell_usage(argv[0]);

	int result = client_units(names, &list, &e);

	for (size_t i = 0; i < list.n; i++)
		print_properties(&list.at[i], asked, bare);
	unit_list_free(&list);
	return result < 0 ? tell_failed(argv[0], &e) : COMMAND_DONE;
}
