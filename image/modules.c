#include "modules.h"

#include "drivers.h"
#include "tree.h"

#include <libkmod.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct choice {
	const struct module_wish *wish;
	struct kmod_ctx *kmod;
	const char *dir;
	size_t dir_len;
	bool always; /* what is taken now is loaded by every boot */
	struct modules_chosen *out;
};

static int take_list(struct choice *c, struct kmod_list *list, struct err *e);

static int take_firmware(struct choice *c, struct kmod_module *m, struct err *e)
{
	struct kmod_list *info = NULL, *at;
	int result = 0;

	if (kmod_module_get_info(m, &info) < 0)
		return 0;       /* a module without the section asks for nothing */
	kmod_list_foreach(at, info) if (result >= 0 &&
	                                strcmp(kmod_module_info_get_key(at), "firmware") == 0)
		result = names_add_new(&c->out->firmware, kmod_module_info_get_value(at), e);
	kmod_module_info_free_list(info);
	return result < 0 ? -1 : 0;
}

static int take_needs(struct choice *c, struct kmod_module *m, struct err *e)
{
	struct kmod_list *needs = kmod_module_get_dependencies(m), *before = NULL, *after = NULL;
	int result = take_list(c, needs, e);

	kmod_module_unref_list(needs);
	if (result < 0 || kmod_module_get_softdeps(m, &before, &after) < 0)
		return result;
	if (take_list(c, before, e) < 0 || take_list(c, after, e) < 0)
		result = -1;
	kmod_module_unref_list(before);
	kmod_module_unref_list(after);
	return result;
}

static int take_module(struct choice *c, struct kmod_module *m, struct err *e)
{
	const char *path = kmod_module_get_path(m);

	if (!path || strncmp(path, c->dir, c->dir_len) != 0)
		return 0;       /* built in, or an alias of nothing */

	path += c->dir_len + 1;
	if (c->always && names_add_new(&c->out->always, path, e) < 0)
		return -1;

	int added = names_add_new(&c->out->paths, path, e);

	if (added <= 0)
		return added;
	if (take_firmware(c, m, e) < 0)
		return -1;
	return take_needs(c, m, e);
}

static int take_list(struct choice *c, struct kmod_list *list, struct err *e)
{
	struct kmod_list *at;

	kmod_list_foreach(at, list)
	{
		struct kmod_module *m = kmod_module_get_module(at);
		int result = take_module(c, m, e);

		kmod_module_unref(m);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int take_name(struct choice *c, const char *name, bool required, struct err *e)
{
	struct kmod_list *found = NULL;

	kmod_module_new_from_lookup(c->kmod, name, &found);
	if (!found && required)
		return err_say(e, "%s has no module %s, which every boot needs, and it is not built in",
		               c->dir, name);

	c->always = required;

	int result = take_list(c, found, e);

	c->always = false;
	kmod_module_unref_list(found);
	return result;
}

static bool is_module_file(const char *name)
{
	const char *base = strrchr(name, '/');
	const char *end = strstr(base ? base : name, ".ko");

	return end && (end[3] == '\0' || strcmp(end, ".ko.xz") == 0 ||
	               strcmp(end, ".ko.zst") == 0 || strcmp(end, ".ko.gz") == 0);
}

static int take_file(struct choice *c, const char *path, struct err *e)
{
	struct kmod_module *m;

	if (kmod_module_new_from_path(c->kmod, path, &m) < 0)
		return err_say(e, "%s: libkmod can't use it", path);

	int result = take_module(c, m, e);

	kmod_module_unref(m);
	return result;
}

struct folder {
	struct choice *choice;
	const char *path;       /* below the modules directory */
};

static int take_below(void *ctx, const char *path, const struct stat *st, struct err *e)
{
	struct folder *f = ctx;
	char full[4096];

	if (!S_ISREG(st->st_mode) || !is_module_file(path))
		return 0;
	snprintf(full, sizeof full, "%s/%s%s", f->choice->dir, f->path, path);
	return take_file(f->choice, full, e);
}

/* A kernel without the folder has its modules built in, or not at all. */
static int take_folder(struct choice *c, const char *name, struct err *e)
{
	struct folder f = { c, name };
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", c->dir, name);
	return access(path, F_OK) < 0 ? 0 : tree_walk(path, take_below, &f, e);
}

static bool is_left_out(const struct module_wish *w, const char *class)
{
	return (!w->network && strcmp(class, "network") == 0) || (!w->nfs && strcmp(class, "nfs") == 0) ||
	       (!w->nbd && strcmp(class, "nbd") == 0);
}

static int take_word(void *ctx, const char *class, const char *word, bool required, struct err *e)
{
	struct choice *c = ctx;

	if (is_left_out(c->wish, class))
		return 0;
	if (word[strlen(word) - 1] == '/')
		return take_folder(c, word, e);
	return take_name(c, word, required, e);
}

static int take_extra(struct choice *c, struct span list, struct err *e)
{
	struct span word;
	char name[128];

	while (span_word(&list, ", ", &word)) {
		if (!span_copy(word, name, sizeof name))
			return err_say(e, "modules=: name too long: %.*s", SPAN_ARGS(word));
		if (take_name(c, name, false, e) < 0)
			return -1;
	}
	return 0;
}

static int choose(struct choice *c, const struct module_wish *wish, struct err *e)
{
	static const char *const no_config[] = { NULL };

	c->kmod = kmod_new(wish->dir, no_config);
	if (!c->kmod || kmod_load_resources(c->kmod) < 0)
		return err_say(e, "%s has no usable indexes: run depmod -b on the tree it lies in", wish->dir);
	if (drivers_each(wish->drivers, take_word, c, e) < 0)
		return -1;
	if (take_extra(c, span_of(wish->extra), e) < 0)
		return -1;
	return wish->all ? take_folder(c, "kernel/", e) : 0;
}

int modules_choose(const struct module_wish *wish, struct modules_chosen *out, struct err *e)
{
	struct choice c = {
		.wish = wish,
		.dir = wish->dir,
		.dir_len = strlen(wish->dir),
		.out = out,
	};
	char index[4096];

	*out = (struct modules_chosen){ 0 };
	snprintf(index, sizeof index, "%s/modules.dep.bin", wish->dir);
	if (access(index, R_OK) < 0)
		return err_say(e, "%s has no modules.dep.bin: run depmod -b on the tree it lies in",
		               wish->dir);

	int result = choose(&c, wish, e);

	kmod_unref(c.kmod);
	names_sort(&out->paths);
	names_sort(&out->always);
	names_sort(&out->firmware);
	return result;
}

void modules_drop(struct modules_chosen *chosen)
{
	names_drop(&chosen->paths);
	names_drop(&chosen->always);
	names_drop(&chosen->firmware);
}
