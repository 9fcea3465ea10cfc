#include "medium.h"

#include "../init/base/fd.h"
#include "../init/base/paths.h"
#include "slots.h"
#include "tool.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB ((uint64_t)1 << 20)

uint64_t medium_size_mib(uint64_t images_bytes, uint64_t slots_bytes)
{
	uint64_t need = (2 * images_bytes + slots_bytes) / MIB + MEDIUM_START_MIB + MEDIUM_END_MIB + 64;

	return (need + 31) / 32 * 32;
}

/* The tree as it will lie on the medium, in plan->work/medium: the images are
 * hard links, so nothing is copied. */
static int stage_image(const struct plan *p, const char *name, struct err *e)
{
	char from[700], to[700];

	snprintf(from, sizeof from, "%s/%s", p->work, name);
	snprintf(to, sizeof to, "%s/medium/slate/%s", p->work, name);
	return link(from, to) < 0 ? err_sys(e, "link %s", to) : 0;
}

static int stage_settings(const struct plan *p, const char *modules, struct err *e)
{
	char path[700], text[512];
	int len = snprintf(text, sizeof text,
	                   "# Settings of the machines that boot from this medium: see slate.conf(5).\n");

	if (p->lacks_modules)
		len += snprintf(text + len, sizeof text - (size_t)len, "slate.image=slate/%s:slate/%s\n",
		                plan_root_name(p), modules);
	snprintf(path, sizeof path, "%s/medium/" PATH_MEDIUM_CONF, p->work);
	return fd_write_file(AT_FDCWD, path, text, (size_t)len, e);
}

static int stage_slots(const struct plan *p, struct err *e)
{
	char folder[700], path[800];

	snprintf(folder, sizeof folder, "%s/medium/" PATH_SAVED "/%s", p->work, p->name);
	if (fd_mkdirs(AT_FDCWD, folder, 0755, e) < 0)
		return -1;
	for (uint64_t i = 0; i < p->slots; i++) {
		snprintf(path, sizeof path, "%s/slot-%u.apkovl.tar.gz", folder, (unsigned)i);
		if (slots_fill(path, p->slot_mib * MIB, e) < 0)
			return -1;
	}
	return 0;
}

static int stage(const struct plan *p, struct err *e)
{
	char modules[64];

	snprintf(modules, sizeof modules, "modules.%s", plan_fs_name(p));
	if (stage_slots(p, e) < 0 || stage_image(p, plan_root_name(p), e) < 0)
		return -1;
	if (p->lacks_modules && stage_image(p, modules, e) < 0)
		return -1;
	return stage_settings(p, modules, e);
}

static int partition(const struct plan *p, const char *disk, struct err *e)
{
	const char *argv[] = { "sfdisk", "--quiet", disk, NULL };
	char script[200];
	const struct tool_run run = { .input = script };

	snprintf(script, sizeof script, "label: gpt\nstart=%dMiB, type=%s, name=%s\n", MEDIUM_START_MIB,
	         p->medium == PLAN_FAT ? "uefi" : "linux", p->label);
	return tool_run(argv, &run, e);
}

/* FAT32 wants 65525 clusters: below that size mkfs.fat can only make FAT16. */
static int make_fat(const struct plan *p, const char *disk, uint64_t mib, struct err *e)
{
	char blocks[32], at[700], tree[700];
	const char *mkfs[] = { "mkfs.fat", "-F", mib >= 64 ? "32" : "16", "-n", p->label, "-h", "4096",
		               "--offset", "4096", disk, blocks, NULL };
	const char *copy[] = { "mcopy", "-i", at, "-s", "-m", tree, "::", NULL };

	snprintf(blocks, sizeof blocks, "%llu", (unsigned long long)mib * 1024);
	snprintf(at, sizeof at, "%s@@%dM", disk, MEDIUM_START_MIB);
	snprintf(tree, sizeof tree, "%s/medium/slate", p->work);
	if (tool_run(mkfs, NULL, e) < 0)
		return -1;
	return tool_run(copy, NULL, e);
}

/* What another user than root made would belong to a user of the machine. */
static int ext4_give_to_root(const struct plan *p, const char *disk, struct err *e)
{
	char at[700], script[4096];
	const char *argv[] = { "debugfs", "-w", "-f", "-", at, NULL };
	const struct tool_run run = { .input = script };
	int len = 0;
	const char *const names[] = { "", "/root.squashfs", "/root.erofs", "/modules.squashfs",
		                      "/modules.erofs", "/slate.conf", "/saved" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		len += snprintf(script + len, sizeof script - (size_t)len,
		                "sif /slate%s uid 0\nsif /slate%s gid 0\n", names[i], names[i]);
	len += snprintf(script + len, sizeof script - (size_t)len,
	                "sif /slate/saved/%s uid 0\nsif /slate/saved/%s gid 0\n", p->name, p->name);
	for (unsigned i = 0; i < p->slots; i++)
		len += snprintf(script + len, sizeof script - (size_t)len,
		                "sif /slate/saved/%s/slot-%u.apkovl.tar.gz uid 0\n"
		                "sif /slate/saved/%s/slot-%u.apkovl.tar.gz gid 0\n",
		                p->name, i, p->name, i);
	snprintf(at, sizeof at, "%s?offset=%llu", disk, (unsigned long long)MEDIUM_START_MIB * MIB);
	return tool_run(argv, &run, e);
}

static int make_ext4(const struct plan *p, const char *disk, uint64_t mib, struct err *e)
{
	char size[32], offset[64], tree[700];
	const char *mkfs[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0", "-L", p->label,
		               "-E", offset, "-d", tree, disk, size, NULL };

	snprintf(size, sizeof size, "%lluk", (unsigned long long)mib * 1024);
	snprintf(offset, sizeof offset, "offset=%llu,root_owner=0:0",
	         (unsigned long long)MEDIUM_START_MIB * MIB);
	snprintf(tree, sizeof tree, "%s/medium", p->work);
	if (tool_run(mkfs, NULL, e) < 0)
		return -1;
	return geteuid() == 0 ? 0 : ext4_give_to_root(p, disk, e);
}

static int add_size(void *ctx, const char *path, const struct stat *st, struct err *e)
{
	uint64_t *bytes = ctx;

	(void)path;
	(void)e;
	if (S_ISREG(st->st_mode))
		*bytes += (uint64_t)st->st_size;
	return 0;
}

static int choose_size(const struct plan *p, uint64_t *mib, struct err *e)
{
	char tree[700];
	uint64_t all = 0, slots = p->slots * p->slot_mib * MIB;

	snprintf(tree, sizeof tree, "%s/medium", p->work);
	if (tree_walk(tree, add_size, &all, e) < 0)
		return -1;
	*mib = p->size_mib ? p->size_mib : medium_size_mib(all - slots, slots);

	uint64_t least = all / MIB + MEDIUM_START_MIB + MEDIUM_END_MIB + 4;

	if (*mib < least)
		return err_say(e, "--size %llu: the images and slots need %llu MiB", (unsigned long long)*mib,
		               (unsigned long long)least);
	return 0;
}

static int make_empty(const char *disk, uint64_t mib, struct err *e)
{
	FD_AUTO fd = open(disk, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || ftruncate(fd, (off_t)(mib * MIB)) < 0)
		return err_sys(e, "create %s", disk);
	return 0;
}

int medium_make(const struct plan *p, const char *out, struct err *e)
{
	char tree[700];
	uint64_t mib;

	if (stage(p, e) < 0 || choose_size(p, &mib, e) < 0)
		return -1;
	if (make_empty(out, mib, e) < 0 || partition(p, out, e) < 0)
		return -1;

	uint64_t inside = mib - MEDIUM_START_MIB - MEDIUM_END_MIB;
	int result = p->medium == PLAN_FAT ? make_fat(p, out, inside, e) : make_ext4(p, out, inside, e);

	if (result < 0 || slots_zero(out, p->slots, p->slot_mib * MIB, e) < 0)
		return -1;
	snprintf(tree, sizeof tree, "%s/medium", p->work);
	return tree_remove(tree, e);
}
