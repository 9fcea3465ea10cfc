/* Any text as a unit file, as an environment file and as a command's arguments:
 * nothing overruns, and what was understood holds what its header says. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/unit/expand.h"
#include "../../init/unit/load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "a-b@c\\x2dd.service", "x.service", "x.target", "x.socket",
	                             "x.timer", "x.mount", "x.path", "x.slice" };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static void check_list(const struct text_list *list)
{
	require(list->n == 0 || list->at != NULL);
	for (unsigned i = 0; i < list->n; i++)
		require(strlen(list->at[i]) < UNITFILE_VALUE_MAX);
	if (list->n)
		require(list->at[list->n] == NULL);
}

static void check_command(const struct exec_command *c)
{
	static char one[] = "A=1 2 '3 4'", two[] = "B=";
	static char *const env[] = { one, two, NULL };
	static const char *words[64];
	static char buf[2048];
	struct err e;
	int n;

	require(c->path[0] != '\0' && c->argc > 0 && c->argv[c->argc] == NULL);
	n = expand_command(c, env, words, 64, buf, sizeof buf, &e);
	require(n < 64);
	if (n >= 0)
		require(words[n] == NULL);
	for (int i = 0; i < n; i++)
		require(words[i] >= buf && words[i] + strlen(words[i]) < buf + sizeof buf);
}

static void check_sandbox(const struct sandbox *box)
{
	for (int list = 0; list < PATH_LISTS; list++) {
		check_list(&box->paths[list]);
		for (unsigned i = 0; i < box->paths[list].n; i++)
			require(box->paths[list].at[i][box->paths[list].at[i][0] == '-'] == '/');
	}
	for (unsigned i = 0; i < box->binds_n; i++)
		require(box->binds[i].from[0] == '/' && box->binds[i].to[0] == '/');
	for (unsigned i = 0; i < box->tmpfs_n; i++)
		require(box->tmpfs[i].at[0] == '/' && box->tmpfs[i].options);
	for (unsigned i = 0; i < box->devices_n; i++)
		require(box->device[i].name[0] != '\0' && box->device[i].access != 0);
}

static void check_service(const struct service_config *c)
{
	for (int phase = 0; phase < SERVICE_PHASES; phase++)
		for (unsigned i = 0; i < c->exec[phase].n; i++)
			check_command(&c->exec[phase].at[i]);
	if (c->exec_config.sandbox)
		check_sandbox(c->exec_config.sandbox);
	check_list(&c->exec_config.environment);
	check_list(&c->exec_config.supplementary);
	for (int kind = 0; kind < DIR_KINDS; kind++) {
		const struct text_list *dirs = &c->exec_config.dirs[kind].names;

		check_list(dirs);
		for (unsigned i = 0; i < dirs->n; i++)
			require(dirs->at[i][0] != '/' && strcmp(dirs->at[i], "..") != 0);
	}
	for (unsigned i = 0; i < c->exec_config.limits_n; i++)
		require(c->exec_config.limits[i].soft <= c->exec_config.limits[i].hard);
	require(c->exec_config.umask <= 07777);
}

static int keep(void *ctx, const char *name, const char *value)
{
	(void)ctx;
	require(name[0] != '\0' && !strchr(name, '='));
	require(strlen(value) < 65536);
	return 0;
}

static void read_unit(struct loader *l, const char *name, struct span text)
{
	static struct draft d;
	struct service_config service = service_default;
	unsigned index = load_intern(l, span_of(name));

	require(index == 0);
	d = (struct draft){ .unit = l->work->units[0], .service = &service, .file = "/etc/x", .is_run = true,
		            .is_admin = true, .is_dropin = true };
	load_text(l, &d, text);
	load_implied(l, &d);
	load_finish(l, &d);
	d.unit->load = LOAD_LOADED;
	check_service(&service);
	check_list(&d.unit->documentation);
	check_list(&d.unit->install.wanted_by);
	for (unsigned i = 0; i < d.unit->conditions_n; i++)
		require(d.unit->conditions[i].value[0] != '\0' && d.unit->conditions[i].name);
}

static void check_links(const struct unit_set *set)
{
	for (unsigned i = 0; i < set->n; i++) {
		require(unit_find(set, set->units[i]->name) == i);
		for (unsigned kind = 0; kind < UNIT_DEPS; kind++) {
			struct unit_deps deps = unit_deps(set, i, (enum unit_dep)kind);

			for (unsigned k = 0; k < deps.n; k++)
				require(deps.at[k] < set->n && deps.at[k] != i);
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const no_dirs[] = { NULL };
	struct span text = { (const char *)data + 1, size - 1 };
	struct unit_source source = { -1, no_dirs };
	struct unit_set set = { 0 };
	struct loader l;
	struct err e;

	if (size < 1)
		return 0;
	expand_env_file(text, keep, NULL, &e);
	if (arena_open(&set.arena, (size_t)16 << 20, false, &e) < 0)
		return 0;
	if (loader_open(&l, &set, &source, &e) == 0) {
		read_unit(&l, names[data[0] % (sizeof names / sizeof *names)], text);
		load_break_loops(&l);
		if (!l.too_many && !set.arena.full)
			load_commit(&l, &set, (const uint16_t[]){ 0 }, 1);
		if (!l.too_many && !set.arena.full)
			check_links(&set);
		loader_close(&l);
	}
	arena_close(&set.arena);
	return 0;
}
