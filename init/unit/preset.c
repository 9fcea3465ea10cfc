/* Preset files: systemd.preset(5). */
#include "install.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/dir.h"
#include "../base/fd.h"
#include "name.h"

enum { PRESETS_MAX = 256, PRESET_SIZE = 65536 };

static const char *const preset_dirs[] = {
	"etc/slate/system-preset",          "etc/systemd/system-preset",
	"run/systemd/system-preset",        "usr/local/lib/systemd/system-preset",
	"usr/lib/slate/system-preset",      "usr/lib/systemd/system-preset",
	"lib/systemd/system-preset",
};

struct preset_file {
	char name[128];
	const char *dir;
};

struct preset_list {
	struct preset_file files[PRESETS_MAX];
	unsigned n;
};

static void list_dir(int root, const char *path, struct preset_list *list)
{
	DIR *dir = dir_list(fd_open_in_root(root, path, O_RDONLY | O_DIRECTORY, 0));
	const struct dirent *d;

	if (!dir)
		return;
	while ((d = readdir(dir)) && list->n < PRESETS_MAX) {
		struct preset_file *f = &list->files[list->n];
		bool hidden = false;

		for (unsigned i = 0; i < list->n; i++)
			hidden = hidden || strcmp(list->files[i].name, d->d_name) == 0;
		if (hidden || !span_ends(span_of(d->d_name), ".preset") ||
		    !span_copy(span_of(d->d_name), f->name, sizeof f->name))
			continue;
		f->dir = path;
		list->n++;
	}
	closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct preset_file *)a)->name, ((const struct preset_file *)b)->name);
}

/* 1 enable, 0 disable or ignore, -1: the line says nothing of the unit. */
static int match_line(struct span line, const char *name, const char *template)
{
	struct span verb, pattern;
	char text[UNIT_NAME_SIZE];

	line = span_trim(line);
	if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';' ||
	    !span_word(&line, " \t", &verb) || !span_word(&line, " \t", &pattern) ||
	    !span_copy(pattern, text, sizeof text))
		return -1;
	if (fnmatch(text, name, FNM_NOESCAPE) != 0 &&
	    !(template[0] && fnmatch(text, template, FNM_NOESCAPE) == 0))
		return -1;
	if (span_is(verb, "enable"))
		return 1;
	return span_is(verb, "disable") || span_is(verb, "ignore") ? 0 : -1;
}

static int match_file(int root, const struct preset_file *f, const char *name,
                      const char *template)
{
	static char text[PRESET_SIZE]; /* a command reads one after the other */
	char path[256];
	struct err ignored;
	struct span left, line;
	ssize_t len;
	int found = -1;

	snprintf(path, sizeof path, "%s/%s", f->dir, f->name);
	len = fd_read_file(root, path, text, sizeof text, &ignored);
	left = (struct span){ text, len > 0 ? (size_t)len : 0 };
	while (found < 0 && span_line(&left, &line))
		found = match_line(line, name, template);
	return found;
}

int preset_query(int root, const char *name, struct err *e)
{
	static struct preset_list list;
	char template[UNIT_NAME_SIZE] = "";
	struct name_parts p;
	int found = -1;

	if (!name_parse(span_of(name), &p))
		return err_say(e, "%s: not the name of a unit", name);
	if (name_is_instance(&p))
		name_template(&p, template, sizeof template);
	list.n = 0;
	for (size_t i = 0; i < sizeof preset_dirs / sizeof *preset_dirs; i++)
		list_dir(root, preset_dirs[i], &list);
	qsort(list.files, list.n, sizeof *list.files, by_name);
	for (unsigned i = 0; i < list.n && found < 0; i++)
		found = match_file(root, &list.files[i], name, template);
	return found < 0 ? 1 : found; /* what no file speaks of is enabled */
}

int install_preset(const struct install *in, const char *name, struct err *e)
{
	char whole[UNIT_NAME_SIZE];
	int wanted;

	if (!name_typed(name, whole, sizeof whole))
		return err_say(e, "%s: not the name of a unit", name);
	wanted = preset_query(in->source.root, whole, e);
	if (wanted < 0)
		return -1;
	return wanted ? install_enable(in, whole, e) : install_disable(in, whole, e);
}
