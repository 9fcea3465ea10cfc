/* The directories beside unit files: NAME.d/ with drop-ins, NAME.wants/. */
#include "path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "name.h"

enum { NAMES_MAX = 24, DROPINS_MAX = 256, LINKS_MAX = 1024, PATH_SIZE = 512 };

struct names {
	char at[NAMES_MAX][UNIT_NAME_SIZE];
	unsigned n;
};

static void add_form(struct names *names, const struct span *parts, size_t n)
{
	if (names->n < NAMES_MAX && span_join(parts, n, names->at[names->n], UNIT_NAME_SIZE))
		names->n++;
}

/* PREFIX.TYPE or PREFIX@INSTANCE.TYPE, then the template. */
static void add_forms(struct names *names, const struct name_parts *p)
{
	const struct span at = { "@", p->instance.at ? 1 : 0 };
	const struct span own[] = { p->prefix, at, p->instance, p->suffix };
	const struct span template[] = { p->prefix, at, p->suffix };

	add_form(names, own, 4);
	if (name_is_instance(p))
		add_form(names, template, 3);
}

/* "a-b@i.service", "a-b@.service", "a-@i.service", "a-@.service"; most specific first. */
static void names_of(struct name_parts p, struct names *names)
{
	names->n = 0;
	add_forms(names, &p);
	while (p.prefix.len > 1) {
		p.prefix.len--;
		while (p.prefix.len && p.prefix.at[p.prefix.len - 1] != '-')
			p.prefix.len--;
		if (p.prefix.len)
			add_forms(names, &p);
	}
}

struct dropin {
	char name[UNIT_NAME_SIZE];
	char path[PATH_SIZE];
};

struct dropins {
	struct dropin *at; /* owned by search_dropins */
	unsigned n;
};

static void add_dropin(const struct search *s, unsigned dir, const char *folder, const char *name,
                       struct dropins *list)
{
	struct dropin *new = &list->at[list->n];
	size_t len = strlen(name);
	int path_len;

	if (list->n == DROPINS_MAX || len < 6 || len >= sizeof new->name ||
	    strcmp(name + len - 5, ".conf") != 0)
		return;
	for (unsigned i = 0; i < list->n; i++)
		if (strcmp(list->at[i].name, name) == 0)
			return; /* hidden by the one in an earlier directory */
	memcpy(new->name, name, len + 1);
	path_len = snprintf(new->path, sizeof new->path, "%s/%s/%s", s->dirs[dir], folder, name);
	list->n += path_len > 0 && (size_t)path_len < sizeof new->path;
}

static DIR *open_folder(const struct search *s, const struct search_entry *entry)
{
	char path[PATH_SIZE];

	if (!search_path_of(s, entry, path, sizeof path))
		return NULL;
	return dir_list(fd_open_in_root(s->root, path, O_RDONLY | O_DIRECTORY, 0));
}

static void read_folder(const struct search *s, const char *folder, unsigned dir,
                        struct dropins *list)
{
	const struct search_entry *entry = search_find(s, span_of(folder));
	const struct dirent *d;

	while (entry && entry->dir != dir)
		entry = entry + 1 < s->entries + s->n && span_is(entry[1].name, folder) ? entry + 1 : NULL;

	DIR *opened = entry ? open_folder(s, entry) : NULL;

	if (!opened)
		return;
	while ((d = readdir(opened)))
		add_dropin(s, dir, folder, d->d_name, list);
	closedir(opened);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct dropin *)a)->name, ((const struct dropin *)b)->name);
}

/* A link to /dev/null, also where the root has no /dev. */
static bool is_masked(const struct search *s, const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_SIZE], target[16];

	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);

	FD_AUTO dir = fd_open_in_root(s->root, folder, O_PATH | O_DIRECTORY, 0);
	ssize_t len = dir < 0 ? -1 : readlinkat(dir, slash + 1, target, sizeof target);

	return len == 9 && memcmp(target, "/dev/null", 9) == 0;
}

static bool ends_with(struct span name, struct span end)
{
	return name.len >= end.len && memcmp(name.at + name.len - end.len, end.at, end.len) == 0;
}

/* Could FOLDER.d be one of a unit's? Its type and the front of its name must fit. */
static bool may_be_of(struct span folder, const struct name_parts *p)
{
	size_t front = 0;

	if (span_is(folder, unit_type_name(p->type)))
		return true;
	while (front < folder.len && folder.at[front] != '@' && folder.at[front] != '.')
		front++;
	return ends_with(folder, p->suffix) && front <= p->prefix.len &&
	       memcmp(folder.at, p->prefix.at, front) == 0;
}

/* Most units have none: that is known without making the names. */
static bool may_have_dropins(const struct search *s, const struct name_parts *p)
{
	for (unsigned i = 0; i < s->folders_n; i++) {
		struct span folder = s->entries[s->folders[i]].name;

		if (span_ends(folder, ".d") &&
		    may_be_of((struct span){ folder.at, folder.len - 2 }, p))
			return true;
	}
	return false;
}

void search_dropins(const struct search *s, struct span name,
                    void (*each)(void *ctx, const char *path), void *ctx)
{
	struct dropins list = { NULL, 0 };
	struct names names;
	struct name_parts p;
	char folder[UNIT_NAME_SIZE + 16];

	if (!name_parse(name, &p) || !may_have_dropins(s, &p))
		return;
	names_of(p, &names);
	list.at = calloc(DROPINS_MAX, sizeof *list.at);
	if (!list.at)
		return;
	for (unsigned dir = 0; dir < s->dirs_n; dir++)
		for (unsigned i = 0; i < names.n; i++) {
			snprintf(folder, sizeof folder, "%s.d", names.at[i]);
			read_folder(s, folder, dir, &list);
		}
	snprintf(folder, sizeof folder, "%s.d", unit_type_name(p.type));
	for (unsigned dir = 0; dir < s->dirs_n; dir++)
		read_folder(s, folder, dir, &list);
	qsort(list.at, list.n, sizeof *list.at, by_name);
	for (unsigned i = 0; i < list.n; i++)
		if (!is_masked(s, list.at[i].path))
			each(ctx, list.at[i].path);
	free(list.at);
}

static void each_link(const struct search *s, const struct search_entry *entry,
                      void (*each)(void *ctx, struct span other), void *ctx)
{
	DIR *dir = open_folder(s, entry);
	const struct dirent *d;
	unsigned n = 0;

	if (!dir)
		return;
	while ((d = readdir(dir)) && n++ < LINKS_MAX) {
		char target[64];
		ssize_t len = readlinkat(dirfd(dir), d->d_name, target, sizeof target - 1);

		if (d->d_name[0] == '.' || (len == 9 && memcmp(target, "/dev/null", 9) == 0))
			continue;
		each(ctx, span_of(d->d_name));
	}
	closedir(dir);
}

/* The name of the unit whose FOLDER.SUFFIX it is; empty where the suffix is another. */
static struct span owner_of(struct span folder, const char *suffix)
{
	size_t len = strlen(suffix) + 1;

	if (!span_ends(folder, suffix) || folder.len <= len || folder.at[folder.len - len] != '.')
		return (struct span){ "", 0 };
	return (struct span){ folder.at, folder.len - len };
}

void search_links(const struct search *s, struct span name, const char *suffix,
                  void (*each)(void *ctx, struct span other), void *ctx)
{
	char template[UNIT_NAME_SIZE] = "";
	struct name_parts p;

	if (s->folders_n == 0 || !name_parse(name, &p))
		return;
	if (name_is_instance(&p) && !name_template(&p, template, sizeof template))
		template[0] = '\0';
	for (unsigned i = 0; i < s->folders_n; i++) {
		const struct search_entry *entry = &s->entries[s->folders[i]];
		struct span owner = owner_of(entry->name, suffix);

		if (owner.len == 0)
			continue;
		if ((owner.len == name.len && memcmp(owner.at, name.at, name.len) == 0) ||
		    span_is(owner, template))
			each_link(s, entry, each, ctx);
	}
}
