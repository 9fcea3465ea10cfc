#include "modules.h"

#include <errno.h>
#include <libkmod.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/span.h"

/* What mounting a type takes besides a module of the type's own name. */
static const struct {
	const char *fstype;
	const char *module, *more;
} needs[] = {
	{ "vfat", "nls_cp437", "vfat" },
	{ "ext2", "ext4", NULL },
	{ "ext3", "ext4", NULL },
	{ "iso9660", "isofs", NULL },
};

int modules_open(struct modules *m, const char *dir, const char *blacklist, struct err *e)
{
	m->blacklist = blacklist;
	m->ctx = kmod_new(dir, NULL);
	if (!m->ctx)
		return err_sys(e, "modules");
	/* maps all indexes at once; where one is missing each look-up opens its own */
	kmod_load_resources(m->ctx);
	return 0;
}

void modules_close(struct modules *m)
{
	if (m->ctx)
		kmod_unref(m->ctx);
	m->ctx = NULL;
}

static bool same_name(struct span a, const char *b)
{
	if (a.len != strlen(b))
		return false;
	for (size_t i = 0; i < a.len; i++)
		if ((a.at[i] == '-' ? '_' : a.at[i]) != (b[i] == '-' ? '_' : b[i]))
			return false;
	return true;
}

int modules_name_is_listed(const char *list, const char *name)
{
	struct span rest = span_of(list), word;

	while (span_word(&rest, ", ", &word))
		if (same_name(word, name))
			return 1;
	return 0;
}

static int insert(struct kmod_module *mod, const char *options, struct err *e)
{
	int result = kmod_module_probe_insert_module(mod, KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
	                                             options, NULL, NULL, NULL);

	if (result == KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY)
		return 0;
	if (result == -EEXIST)
		return 1;
	if (result < 0) {
		errno = -result;
		return err_sys(e, "module %s", kmod_module_get_name(mod));
	}
	return 1;
}

/* Inserts all that `name` (a module or an alias) stands for. */
static int load(struct modules *m, const char *name, const char *options, bool is_alias,
                struct err *e)
{
	struct kmod_list *list = NULL, *item;
	int loaded = 0, failed = 0;

	if (!m->ctx)
		return 0;

	int result = kmod_module_new_from_lookup(m->ctx, name, &list);

	if (result < 0 && result != -ENOENT && result != -ENOSYS) {
		errno = -result;
		return err_sys(e, "module %s", name);
	}
	kmod_list_foreach(item, list)
	{
		struct kmod_module *mod = kmod_module_get_module(item);
		struct err why;

		if (!is_alias || !modules_name_is_listed(m->blacklist, kmod_module_get_name(mod))) {
			result = insert(mod, options, &why);
			if (result < 0 && !failed++)
				*e = why;
			loaded += result > 0;
		}
		kmod_module_unref(mod);
	}
	kmod_module_unref_list(list);
	return failed ? -1 : loaded;
}

int modules_load(struct modules *m, const char *name, const char *options, struct err *e)
{
	int result = load(m, name, options, false, e);

	return result > 1 ? 1 : result;
}

int modules_load_alias(struct modules *m, const char *alias, struct err *e)
{
	return load(m, alias, NULL, true, e);
}

int modules_load_list(struct modules *m, const char *list, struct err *e)
{
	struct span rest = span_of(list), word;
	int failed = 0;

	while (span_word(&rest, ", ", &word)) {
		char name[64];
		struct err why;
		int result;

		if (!span_copy(word, name, sizeof name))
			result =
				err_say(&why, "module %.*s: the name is too long", SPAN_ARGS(word));
		else if ((result = modules_load(m, name, NULL, &why)) == 0)
			result = err_say(&why, "module %s: not in this initramfs", name);
		if (result < 0 && !failed++)
			*e = why;
	}
	return failed ? -1 : 0;
}

int modules_load_fs(struct modules *m, const char *fstype, struct err *e)
{
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
		if (strcmp(needs[i].fstype, fstype) != 0)
			continue;
		if (needs[i].more && modules_load(m, needs[i].more, NULL, e) < 0)
			return -1;
		return modules_load(m, needs[i].module, NULL, e);
	}
	return modules_load(m, fstype, NULL, e);
}
