#include "initramfs.h"

#include "../init/base/fd.h"
#include "../init/base/paths.h"
#include "../init/base/span.h"
#include "cpio.h"
#include "inflate.h"
#include "modules.h"
#include "moduletree.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int choose_modules(const struct plan *p, struct modules_chosen *chosen, struct err *e)
{
	void *text;
	size_t len;

	if (inflate_read(p->parts.drivers, &text, &len, e) < 0)
		return -1;

	struct module_wish wish = { .dir = p->modules, .drivers = { text, len },
		                    .extra = p->extra_modules, .network = p->network,
		                    .nfs = p->nfs_root, .nbd = p->nbd_root,
		                    .all = p->all_drivers };
	int result = modules_choose(&wish, chosen, e);

	free(text);
	return result;
}

static int add_modules(struct cpio *c, const struct plan *p, const struct modules_chosen *chosen,
                       struct err *e)
{
	char base[600], from[900], name[256];

	snprintf(base, sizeof base, "%s/staged", p->work);
	snprintf(name, sizeof name, "lib/modules/%s", p->release);
	snprintf(from, sizeof from, "%s/%s", base, name);
	if (moduletree_make(p->modules, p->release, chosen, base, e) < 0)
		return -1;
	if (cpio_tree(c, name, from, NULL, e) < 0)
		return -1;
	return tree_remove(base, e);
}

/* A driver names many files for many cards; what the root or the kernel's own
 * tree has of them is taken, under the name it has there. */
static int add_firmware(struct cpio *c, const struct plan *p, const struct names *names,
                        struct err *e)
{
	static const char *const endings[] = { "", ".xz", ".zst" };
	char beside[600], name[512], from[1200];
	const char *places[] = { p->root, p->root, beside };
	static const char *const below[] = { "usr/lib/firmware", "lib/firmware", "firmware" };

	snprintf(beside, sizeof beside, "%s/../..", p->modules);
	for (size_t i = 0; i < names->n; i++)
		for (size_t at = 0; at < 9; at++) {
			const char *place = places[at / 3], *ending = endings[at % 3];

			snprintf(from, sizeof from, "%s/%s/%s%s", place, below[at / 3], names->at[i], ending);
			snprintf(name, sizeof name, "lib/firmware/%s%s", names->at[i], ending);
			if (access(from, R_OK) < 0)
				continue;
			if (cpio_file(c, name, 0644, from, e) < 0)
				return -1;
			break;
		}
	return 0;
}

/* masked.txt: a unit's name a line, each a link to /dev/null. */
static int add_masks(struct cpio *c, const char *units, struct err *e)
{
	char path[600], name[300], unit[256];
	void *text;
	size_t len;
	int result = 0;

	snprintf(path, sizeof path, "%s/masked.txt", units);
	if (access(path, R_OK) < 0)
		return 0;       /* installed: the links are there already */
	if (inflate_read(path, &text, &len, e) < 0)
		return -1;

	struct span rest = { text, len }, line, word;

	while (result >= 0 && span_line(&rest, &line)) {
		if (!span_word(&line, " \t", &word) || word.at[0] == '#')
			continue;
		if (!span_copy(word, unit, sizeof unit)) {
			result = err_say(e, "%s: name too long", path);
			break;
		}
		snprintf(name, sizeof name, "lib/slate/system/%s", unit);
		result = cpio_link(c, name, "/dev/null", e);
	}
	free(text);
	return result;
}

static int add_programs(struct cpio *c, const struct parts *parts, struct err *e)
{
	if (cpio_file(c, "init", 0755, parts->boot, e) < 0 ||
	    cpio_file(c, "bin/busybox", 0755, parts->busybox, e) < 0 ||
	    cpio_file(c, "bin/slate-init", 0755, parts->init, e) < 0 ||
	    cpio_file(c, "bin/slate", 0755, parts->slate, e) < 0)
		return -1;
	if (cpio_link(c, "bin/sh", "busybox", e) < 0 ||
	    cpio_link(c, "sbin/modprobe", "../bin/busybox", e) < 0)
		return -1;
	if (cpio_tree(c, "lib/slate/hooks", parts->hooks, "units", e) < 0 ||
	    cpio_tree(c, "lib/slate/system", parts->units, "masked.txt", e) < 0)
		return -1;
	return add_masks(c, parts->units, e);
}

/* The kernel opens /dev/console before anything is mounted. */
static int add_folders(struct cpio *c, struct err *e)
{
	static const char *const folders[] = { "dev", "proc", "sys", "run", "tmp" };

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (cpio_folder(c, folders[i], e) < 0)
			return -1;
	return cpio_device(c, "dev/console", S_IFCHR | 0600, makedev(5, 1), e);
}

static int add_settings(struct cpio *c, const char *root, struct err *e)
{
	char from[600];

	snprintf(from, sizeof from, "%s/" PATH_CONF, root);
	return access(from, R_OK) < 0 ? 0 : cpio_file(c, PATH_CONF, 0644, from, e);
}

static int add_network(struct cpio *c, const struct plan *p, struct err *e)
{
	static const char authorities[] = "etc/ssl/certs/ca-certificates.crt";
	char from[600];

	if (!p->network)
		return 0;
	if (cpio_file(c, "bin/slate-fetch", 0755, p->parts.fetch, e) < 0)
		return -1;
	snprintf(from, sizeof from, "%s/%s", p->root, authorities);
	return access(from, R_OK) < 0 ? 0 : cpio_file(c, authorities, 0644, from, e);
}

static int add_key(struct cpio *c, const char *key, struct err *e)
{
	char name[300];

	if (!key[0])
		return 0;
	snprintf(name, sizeof name, "etc/slate/keys/%.200s", strrchr(key, '/') + 1);
	if (!span_ends(span_of(name), ".pub"))
		strcat(name, ".pub");
	return cpio_file(c, name, 0644, key, e);
}

static int add_apparmor(struct cpio *c, const struct plan *p, struct err *e)
{
	char from[600];

	snprintf(from, sizeof from, "%s/" PLAN_APPARMOR, p->work);
	return p->apparmor ? cpio_tree(c, &PATH_APPARMOR[1], from, NULL, e) : 0;
}

static int write_all(struct cpio *c, const struct plan *p, const struct modules_chosen *chosen,
                     struct err *e)
{
	if (add_folders(c, e) < 0 || add_programs(c, &p->parts, e) < 0 ||
	    add_settings(c, p->root, e) < 0 || add_key(c, p->key, e) < 0)
		return -1;
	if (add_apparmor(c, p, e) < 0 || add_network(c, p, e) < 0 ||
	    add_modules(c, p, chosen, e) < 0)
		return -1;
	return add_firmware(c, p, &chosen->firmware, e);
}

static int write_archive(const struct plan *p, const struct modules_chosen *chosen, const char *out,
                         uint64_t *unpacked, struct err *e)
{
	struct cpio c;
	struct err later;
	int result = cpio_open(&c, out, e);

	if (result >= 0)
		result = write_all(&c, p, chosen, e);
	*unpacked = c.unpacked;
	if (cpio_close(&c, &later) < 0 && result >= 0) {
		*e = later;
		result = -1;
	}
	return result;
}

int initramfs_make(const struct plan *p, const char *out, struct initramfs *made, struct err *e)
{
	struct modules_chosen chosen = { 0 };
	int result = choose_modules(p, &chosen, e);

	if (result >= 0)
		result = write_archive(p, &chosen, out, &made->unpacked, e);
	made->modules = chosen.paths.n;
	modules_drop(&chosen);
	return result;
}
