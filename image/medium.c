#include "medium.h"

#include "../init/base/fd.h"
#include "../init/base/paths.h"
#include "fat.h"
#include "grub.h"
#include "slots.h"
#include "tool.h"
#include "tree.h"
#include "uki.h"

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

int medium_link(const struct plan *p, const char *folder, const char *name, struct err *e)
{
	char from[700], to[700];

	snprintf(from, sizeof from, "%s/%s", p->work, name);
	snprintf(to, sizeof to, "%s/medium/%s/%s", p->work, folder, name);
	return link(from, to) < 0 ? err_sys(e, "link %s", to) : 0;
}

static int stage_image(const struct plan *p, const char *name, struct err *e)
{
	char manifest[64], signature[80];

	if (medium_link(p, "slate", name, e) < 0 || !p->sign[0])
		return p->sign[0] ? -1 : 0;
	snprintf(manifest, sizeof manifest, "%.*s.manifest", (int)(strchr(name, '.') - name), name);
	snprintf(signature, sizeof signature, "%s.minisig", manifest);
	if (medium_link(p, "slate", manifest, e) < 0)
		return -1;
	return medium_link(p, "slate", signature, e);
}

static int stage_settings(const struct plan *p, const char *modules, struct err *e)
{
	char path[700], text[512];
	int len = snprintf(text, sizeof text,
	                   "# Settings of the machines that boot from this medium: see slate.conf(5).\n%s",
	                   p->grow ? "slate.grow\n" : "");

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

int medium_stage(const struct plan *p, struct err *e)
{
	if (stage_image(p, plan_root_name(p), e) < 0)
		return -1;
	if (p->lacks_modules && stage_image(p, plan_modules_name(p), e) < 0)
		return -1;
	return stage_settings(p, plan_modules_name(p), e);
}

/* The disk's parts, in MiB. The medium's partition is the first of the table,
 * whatever lies before it on the disk. */
struct layout {
	uint64_t disk, medium, esp; /* sizes; esp 0: the medium is what UEFI starts from */
	uint64_t start;             /* of the medium, behind all others, so that it can grow */
};

static int partition(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	const char *argv[] = { "sfdisk", "--quiet", disk, NULL };
	char script[500];
	const struct tool_run run = { .input = script };
	int len = snprintf(script, sizeof script,
	                   "label: gpt\nstart=%lluMiB, size=%lluMiB, type=%s, name=%s\n",
	                   (unsigned long long)l->start, (unsigned long long)l->medium, p->medium == PLAN_FAT ? "uefi" : "linux",
	                   p->label);

	if (plan_has_grub(p))
		len += snprintf(script + len, sizeof script - (size_t)len,
		                "start=%dMiB, size=%dMiB, type=21686148-6449-6E6F-744E-656564454649, "
		                "name=BIOS\n",
		                MEDIUM_BIOS_MIB, MEDIUM_START_MIB - MEDIUM_BIOS_MIB);
	if (l->esp)
		snprintf(script + len, sizeof script - (size_t)len,
		         "start=%dMiB, size=%lluMiB, type=uefi, name=EFI\n", MEDIUM_START_MIB,
		         (unsigned long long)l->esp);
	return tool_run(argv, &run, e);
}

static int make_fat(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	const struct fat fat = { disk, l->start, l->medium, p->label, p->grow };

	if (fat_make(&fat, e) < 0 || fat_copy(&fat, p->work, "medium/slate", e) < 0)
		return -1;
	if (plan_has_grub(p) && fat_copy(&fat, p->work, "medium/boot", e) < 0)
		return -1;
	return p->no_bootloader ? 0 : medium_copy_esp(p, &fat, e);
}

/* ext4 besides: UEFI reads FAT only. */
static int make_esp(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	const struct fat fat = { disk, MEDIUM_START_MIB, l->esp, "EFI", false };

	if (!l->esp)
		return 0;
	return fat_make(&fat, e) < 0 ? -1 : medium_copy_esp(p, &fat, e);
}

static int add_owner(void *ctx, const char *path, const struct stat *st, struct err *e)
{
	FILE *script = ctx;

	(void)st;
	(void)e;
	fprintf(script, "sif \"/%s\" uid 0\nsif \"/%s\" gid 0\n", path, path);
	return 0;
}

/* What another user than root made would belong to a user of the machine. */
static int ext4_give_to_root(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	char at[700], tree[700], text[65536] = "";
	const char *argv[] = { "debugfs", "-w", "-f", "-", at, NULL };
	const struct tool_run run = { .input = text };
	FILE *script = fmemopen(text, sizeof text, "w");

	if (!script)
		return err_sys(e, "script for debugfs");
	snprintf(tree, sizeof tree, "%s/medium", p->work);

	int walked = tree_walk(tree, add_owner, script, e);

	if (fclose(script) != 0 || walked < 0)
		return walked < 0 ? -1 : err_say(e, "too many files for the medium");
	snprintf(at, sizeof at, "%s?offset=%llu", disk, (unsigned long long)(l->start * MIB));
	return tool_run(argv, &run, e);
}

static int make_ext4(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	char size[32], offset[64], tree[700];
	const char *mkfs[] = { "mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-m", "0", "-L", p->label,
		               /* what GRUB reads, whichever mke2fs makes it */
		               "-O", "^metadata_csum_seed,^orphan_file", "-E", offset, "-d", tree, disk, size, NULL };

	snprintf(size, sizeof size, "%lluk", (unsigned long long)l->medium * 1024);
	snprintf(offset, sizeof offset, "offset=%llu,root_owner=0:0",
	         (unsigned long long)(l->start * MIB));
	snprintf(tree, sizeof tree, "%s/medium", p->work);
	if (tool_run(mkfs, NULL, e) < 0)
		return -1;
	return geteuid() == 0 ? 0 : ext4_give_to_root(p, disk, l, e);
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

/* The bytes of all files below `folder`. */
static int count(const struct plan *p, const char *folder, uint64_t *bytes, struct err *e)
{
	char tree[700];

	snprintf(tree, sizeof tree, "%s/%s", p->work, folder);
	return tree_walk(tree, add_size, bytes, e);
}

static int choose_layout(const struct plan *p, struct layout *l, struct err *e)
{
	bool fat = p->medium == PLAN_FAT;
	uint64_t tree = 0, esp = 0, slots = p->slots * p->slot_mib * MIB;

	if (count(p, "medium", &tree, e) < 0 || (!p->no_bootloader && count(p, "esp", &esp, e) < 0))
		return -1;
	l->esp = fat || p->no_bootloader ? 0 : MEDIUM_ESP_MIB + esp / MIB;
	l->start = MEDIUM_START_MIB + l->esp;

	uint64_t beside = fat ? esp : 0, tables = fat && p->grow ? FAT_GROWTH_MIB : 0;
	uint64_t least = (tree + beside) / MIB + l->start + tables + MEDIUM_END_MIB + 4;

	l->disk = p->size_mib ? p->size_mib
	                      : medium_size_mib(tree - slots, slots + beside) + l->esp + tables;
	if (l->disk < least)
		return err_say(e, "--size %llu: the images and slots need %llu MiB",
		               (unsigned long long)l->disk, (unsigned long long)least);
	l->medium = l->disk - l->start - MEDIUM_END_MIB;
	return 0;
}

static int fill(const struct plan *p, const char *disk, const struct layout *l, struct err *e)
{
	int made = p->medium == PLAN_FAT ? make_fat(p, disk, l, e) : make_ext4(p, disk, l, e);

	if (made < 0 || make_esp(p, disk, l, e) < 0 || slots_zero(disk, p->slots, p->slot_mib * MIB, e) < 0)
		return -1;
	if (!plan_has_grub(p))
		return 0;
	return grub_install_bios(p, disk, MEDIUM_BIOS_MIB * MIB,
	                         (MEDIUM_START_MIB - MEDIUM_BIOS_MIB) * MIB, e);
}

/* Which of the images is no file for FAT, or NULL; *size is what it has. */
static const char *find_outgrown(const struct plan *p, const char *const names[2], uint64_t *size)
{
	for (size_t i = 0; i < 2; i++) {
		char path[700];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", p->work, names[i]);
		*size = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
		if (*size > FAT_FILE_MAX)
			return names[i];
	}
	return NULL;
}

int medium_choose(struct plan *p, struct err *e)
{
	const char *const names[] = { plan_root_name(p), plan_modules_name(p) };
	uint64_t size;
	const char *outgrown = find_outgrown(p, names, &size);

	if (outgrown && p->medium == PLAN_FAT)
		return err_say(e,
		               "--medium fat: %s has %llu MiB, and FAT holds no file of 4096 MiB; "
		               "--medium ext4 does",
		               outgrown, (unsigned long long)(size / MIB));
	if (p->medium != PLAN_MEDIUM_UNSET)
		return 0;
	p->medium = outgrown ? PLAN_EXT4 : PLAN_FAT;
	snprintf(p->outgrown, sizeof p->outgrown, "%s", outgrown ? outgrown : "");
	return 0;
}

int medium_copy_esp(const struct plan *p, const struct fat *to, struct err *e)
{
	char early[700];

	snprintf(early, sizeof early, "%s/esp/boot", p->work);
	if (access(early, F_OK) == 0 && fat_copy(to, p->work, "esp/boot", e) < 0)
		return -1;
	return fat_copy(to, p->work, "esp/EFI", e);
}

int medium_make(const struct plan *p, const char *out, struct err *e)
{
	struct layout l;
	char tree[700];

	if (medium_stage(p, e) < 0 || stage_slots(p, e) < 0)
		return -1;
	if (plan_has_grub(p) && grub_stage(p, NULL, e) < 0)
		return -1;
	if (p->secure_boot[0] && uki_stage(p, e) < 0)
		return -1;
	if (choose_layout(p, &l, e) < 0 || fat_create(out, l.disk, e) < 0 ||
	    partition(p, out, &l, e) < 0 || fill(p, out, &l, e) < 0)
		return -1;
	snprintf(tree, sizeof tree, "%s/medium", p->work);
	return tree_remove(tree, e);
}
