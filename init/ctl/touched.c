#include "touched.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../overlay/tar/member.h"
#include "../base/fd.h"
#include "../unit/path.h"
#include "../unit/set.h"
#include "client.h"

/* Whether a changed path is `path` (absolute or not) or lies below it. */
static bool is_changed(const struct names *changed, const char *path)
{
	path += strspn(path, "/");
	for (size_t i = 0; *path && i < changed->n; i++)
		if (member_is_below(changed->at[i], path))
			return true;
	return false;
}

static bool matches(const struct names *changed, const char *pattern)
{
	pattern += strspn(pattern, "/");
	for (size_t i = 0; i < changed->n; i++)
		if (fnmatch(pattern, changed->at[i], FNM_PATHNAME) == 0)
			return true;
	return false;
}

static bool argument_is_changed(const struct names *changed, const char *word)
{
	const char *value = strchr(word, '=');

	if (word[0] == '-' && value)
		word = value + 1;
	return word[0] == '/' && word[1] && is_changed(changed, word);
}

static bool commands_are_changed(const struct names *changed, const struct exec_list *list)
{
	for (unsigned i = 0; i < list->n; i++) {
		const struct exec_command *c = &list->at[i];

		if (c->path[0] == '/' && is_changed(changed, c->path))
			return true;
		for (unsigned k = 1; k < c->argc; k++)
			if (argument_is_changed(changed, c->argv[k]))
				return true;
	}
	return false;
}

static bool named_is_changed(const struct names *changed, struct span name)
{
	static const struct {
		const char *before, *after;
	} places[] = { { "etc/", "" }, { "etc/", ".conf" }, { "etc/default/", "" } };
	char path[2 * UNIT_NAME_SIZE];

	for (size_t i = 0; name.len > 0 && i < sizeof places / sizeof *places; i++) {
		snprintf(path, sizeof path, "%s%.*s%s", places[i].before, SPAN_ARGS(name),
		         places[i].after);
		if (is_changed(changed, path))
			return true;
	}
	return false;
}

static struct span until(const char *text, const char *ends)
{
	return (struct span){ text, strcspn(text, ends) };
}

static bool names_are_changed(const struct names *changed, const struct unit *unit)
{
	const struct exec_list *start = &unit->service->exec[PHASE_START];
	const char *dot = strrchr(unit->name, '.');
	struct span name = { unit->name, dot ? (size_t)(dot - unit->name) : strlen(unit->name) };

	if (named_is_changed(changed, name) || named_is_changed(changed, until(unit->name, "@.")))
		return true;
	if (start->n == 0)
		return false;

	const char *slash = strrchr(start->at[0].path, '/');

	return named_is_changed(changed, span_of(slash ? slash + 1 : start->at[0].path));
}

static bool directories_are_changed(const struct names *changed, const struct exec_dirs *dirs)
{
	char path[512];

	for (unsigned i = 0; i < dirs->names.n; i++) {
		snprintf(path, sizeof path, "etc/%s", dirs->names.at[i]);
		if (is_changed(changed, path))
			return true;
	}
	return false;
}

static bool files_are_changed(const struct names *changed, const struct unit *unit)
{
	if (unit->fragment && is_changed(changed, unit->fragment))
		return true;
	for (unsigned i = 0; i < unit->dropins.n; i++)
		if (is_changed(changed, unit->dropins.at[i]))
			return true;
	return false;
}

bool touched_by(const struct unit *unit, const struct names *changed)
{
	const struct service_config *s = unit->service;

	if (files_are_changed(changed, unit))
		return true;
	if (!s)
		return false;
	for (unsigned i = 0; i < s->exec_config.env_files_n; i++)
		if (matches(changed, s->exec_config.env_files[i].path))
			return true;
	for (int phase = 0; phase < SERVICE_PHASES; phase++)
		if (commands_are_changed(changed, &s->exec[phase]))
			return true;
	return directories_are_changed(changed, &s->exec_config.dirs[DIR_CONFIGURATION]) ||
	       names_are_changed(changed, unit);
}

bool touched_units(const struct names *changed)
{
	for (const char *const *dir = unit_search_path; *dir; dir++)
		if (is_changed(changed, *dir))
			return true;
	return false;
}

/* Services that are up; `names` ends with NULL and points into the list. */
static size_t active_services(const struct unit_list *list, const char **names)
{
	size_t n = 0;

	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i].type, "service") == 0 &&
		    (strcmp(list->at[i].active, "active") == 0 ||
		     strcmp(list->at[i].active, "reloading") == 0 ||
		     strcmp(list->at[i].active, "activating") == 0))
			names[n++] = list->at[i].name;
	names[n] = NULL;
	return n;
}

static int choose(const struct names *changed, const char *const *names,
                  struct names *services, struct err *e)
{
	FD_AUTO root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct unit_source source = { root, NULL };
	struct unit_set *set;
	int result = 0;

	if (root < 0)
		return err_sys(e, "open /");
	if (unit_set_load(&set, &source, names, e) < 0)
		return -1;
	for (; result == 0 && *names; names++) {
		unsigned index = unit_find(set, *names);

		if (index != UNIT_NONE && touched_by(set->units[index], changed))
			result = names_add(services, *names, e);
	}
	unit_set_free(set);
	return result;
}

int touched_services(const struct names *changed, struct names *services, struct err *e)
{
	struct unit_list list;
	const char **names;
	int result;

	if (changed->n == 0)
		return 0;
	if (client_units(NULL, &list, e) < 0)
		return -1;
	names = calloc(list.n + 1, sizeof *names);
	result = names ? 0 : err_sys(e, "list of services");
	if (names && active_services(&list, names) > 0)
		result = choose(changed, names, services, e);
	free(names);
	unit_list_free(&list);
	return result;
}
