/* The directories beside unit files: NAME.d/ with drop-ins, NAME.wants/. */
#include "path.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/fd.h"
#include "name.h"

enum { NAMES_MAX = 24, DROPINS_MAX = 256, LINKS_MAX = 1024, PATH_SIZE = 512 };

struct names {
	char at[NAMES_MAX][UNIT_NAME_SIZE];
	unsigned n;
};

static void add_name(struct names *names, const char *name)
{
	if (names->n < NAMES_MAX)
		snprintf(names->at[names->n++], UNIT_NAME_SIZE, "%s", name);
}

/* PREFIX.TYPE or PREFIX@INSTANCE.TYPE, then the template. */
static void add_forms(struct names *names, const struct name_parts *p)
{
	char text[UNIT_NAME_SIZE];
	int len = snprintf(text, sizeof text, "%.*s%s%.*s%.*s", SPAN_ARGS(p->prefix),
	                   p->instance.at ? "@" : "", (int)p->instance.len,
	                   p->instance.at ? p->instance.at : "", SPAN_ARGS(p->suffix));

	if (len > 0 && (size_t)len < sizeof text)
		add_name(names, text);
	if (name_is_instance(p) && name_template(p, text, sizeof text))
		add_name(names, text);
}

/* "a-b@i.service", "a-b@.service", "a-@i.service", "a-@.service"; most specific first. */
static void names_of(struct span name, bool with_prefixes, struct names *names)
{
	struct name_parts p;

	names->n = 0;
	if (!name_parse(name, &p))
		return;
	add_forms(names, &p);
	while (with_prefixes && p.prefix.len > 1) {
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

	int fd = fd_open_in_root(s->root, path, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		fd_drop(&fd);
	return dir;
}

static void read_folder(const struct search *s, const char *folder, unsigned dir,
                        struct dropins *list)
{
	const struct search_entry *entry = search_find(s, span_of(folder));
	const struct dirent *d;

	while (entry && entry->dir != dir)
		entry = entry + 1 < s->entries + s->n && strcmp(entry[1].name, folder) == 0
		                ? entry + 1 : NULL;

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

/* Most units have none: that is known without looking further. */
static bool has_folders(const struct search *s, const struct names *names, enum unit_type type)
{
	char folder[UNIT_NAME_SIZE + 16];
	bool found;

	snprintf(folder, sizeof folder, "%s.d", unit_type_name(type));
	found = search_find(s, span_of(folder)) != NULL;
	for (unsigned i = 0; i < names->n && !found; i++) {
		snprintf(folder, sizeof folder, "%s.d", names->at[i]);
		found = search_find(s, span_of(folder)) != NULL;
	}
	return found;
}

void search_dropins(const struct search *s, struct span name,
                    void (*each)(void *ctx, const char *path), void *ctx)
{
	struct dropins list = { NULL, 0 };
	struct names names;
	struct name_parts p;
	char folder[UNIT_NAME_SIZE + 16];

	if (!name_parse(name, &p))
		return;
	names_of(name, true, &names);
	if (has_folders(s, &names, p.type))
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

void search_links(const struct search *s, struct span name, const char *suffix,
                  void (*each)(void *ctx, struct span other), void *ctx)
{
	struct names names;
	char folder[UNIT_NAME_SIZE + 16];

	names_of(name, false, &names);
	for (unsigned i = 0; i < names.n; i++) {
		snprintf(folder, sizeof folder, "%s.%s", names.at[i], suffix);

		const struct search_entry *entry = search_find(s, span_of(folder));

		for (; entry && entry < s->entries + s->n && strcmp(entry->name, folder) == 0; entry++)
			each_link(s, entry, each, ctx);
	}
}
