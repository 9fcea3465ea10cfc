#include "plan.h"

#include "../init/base/fd.h"
#include "../init/base/fetcher.h"
#include "../init/base/keytab.h"
#include "../init/base/paths.h"
#include "../init/base/settings.h"
#include "harden.h"
#include "kernel.h"
#include "sign.h"
#include "uki.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const fs_names[] = { "", "squashfs", "erofs", NULL };
static const char *const type_names[] = { "", "disk", "iso", "netboot", NULL };
static const char *const harden_names[] = { "", "no", "hotplug", "strict", NULL };
static const char *const medium_names[] = { "", "fat", "ext4", NULL };

/* `-o` and `--output` share a row's help; the order is that of the help. */
static const struct {
	struct key key;
	const char *args, *help;
} options[] = {
	{ KEY_TEXT("--root", struct plan, root), "DIR|TAR",
	  "any root directory, or a tar archive of one: it becomes the root image" },
	{ KEY_TEXT("--kernel", struct plan, kernel), "FILE", "the kernel" },
	{ KEY_TEXT("--modules", struct plan, modules), "DIR",
	  "its modules, lib/modules/VERSION with depmod's indexes" },
	{ KEY_TEXT("-o", struct plan, out), "OUT", "the folder to write into" },
	{ KEY_TEXT("--output", struct plan, out), "OUT", NULL },
	{ KEY_TEXT("--cmdline", struct plan, cmdline), "TEXT",
	  "command line to boot with, written to OUT/cmdline; see slate.conf(5)" },
	{ KEY_CHOICE("--fs", struct plan, fs, fs_names, NULL), "squashfs|erofs",
	  "of the root image; squashfs is smaller, erofs reads faster (squashfs)" },
	{ KEY_CHOICE("--medium", struct plan, medium, medium_names, NULL), "fat|ext4",
	  "file system of the disk (fat; ext4 where an image is too large for FAT)" },
	{ KEY_TEXT("--label", struct plan, label), "LABEL", "of that file system (SLATE)" },
	{ KEY_UINT("--size", struct plan, size_mib, 16, 1 << 22), "MIB",
	  "of the disk (room for an update beside the image)" },
	{ KEY_FLAG("--grow", struct plan, grow), NULL,
	  "slate.grow: at its first boot it takes the whole of the stick or disk it is on" },
	{ KEY_UINT("--slots", struct plan, slots, 2, 16), "N",
	  "places for saved generations (4)" },
	{ KEY_UINT("--slot-size", struct plan, slot_mib, 1, 1024), "MIB", "of each place (4)" },
	{ KEY_TEXT("--sign", struct plan, sign), "KEY",
	  "sign the images with this secret key of minisign(1): slate-boot then takes no others" },
	{ KEY_TEXT("--key", struct plan, key), "PUB",
	  "the public key for the initramfs (KEY's name with .pub)" },
	{ KEY_TEXT("--secure-boot", struct plan, secure_boot), "KEY",
	  "start by one program signed with this key (PEM) instead of GRUB: UEFI only, no menu" },
	{ KEY_TEXT("--secure-boot-cert", struct plan, secure_boot_cert), "CRT",
	  "its certificate (KEY's name with .crt)" },
	{ KEY_TEXT("--image-name", struct plan, image_name), "NAME", "of what is signed (root)" },
	{ KEY_UINT("--image-version", struct plan, image_version, 1, INT64_MAX), "N",
	  "of what is signed, a number that only grows (seconds since 1970)" },
	{ KEY_CHOICE("--harden", struct plan, harden, harden_names, NULL), "strict|hotplug",
	  "a hardened machine: slate.harden= and the kernel's options that go with it" },
	{ KEY_FLAG("--apparmor", struct plan, apparmor), NULL,
	  "compile the root's /etc/apparmor.d: slate-boot loads it before the first program" },
	{ KEY_FLAG("--all-drivers", struct plan, all_drivers), NULL,
	  "all modules in the initramfs, not only those that boots need" },
	{ KEY_CHOICE("--type", struct plan, type, type_names, NULL), "disk|iso|netboot",
	  "disk.img, for a stick or disk; disk.iso, for a CD or stick; or a server's folder (disk)" },
	{ KEY_FLAG("--no-bootloader", struct plan, no_bootloader), NULL,
	  "a disk without GRUB, for a kernel that is started from elsewhere" },
};

#define OPTIONS (sizeof options / sizeof *options)

const char *plan_option(size_t i)
{
	return i < OPTIONS ? options[i].key.name : NULL;
}

void plan_usage(FILE *to)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		char left[64];

		if (!options[i].help)
			continue;
		snprintf(left, sizeof left, "%s %s", options[i].key.name,
		         options[i].args ? options[i].args : "");
		fprintf(to, "  %-22s %s\n", left, options[i].help);
	}
}

const char *plan_fs_name(const struct plan *p)
{
	return fs_names[p->fs];
}

const char *plan_medium_name(const struct plan *p)
{
	return p->type == PLAN_NETBOOT ? "" : p->type == PLAN_ISO ? "disk.iso" : "disk.img";
}

bool plan_has_grub(const struct plan *p)
{
	return !p->no_bootloader && !p->secure_boot[0];
}

const char *plan_root_name(const struct plan *p)
{
	return p->fs == PLAN_EROFS ? "root.erofs" : "root.squashfs";
}

const char *plan_modules_name(const struct plan *p)
{
	return p->fs == PLAN_EROFS ? "modules.erofs" : "modules.squashfs";
}

static const struct key *find_key(struct span name)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (span_is(name, options[i].key.name))
			return &options[i].key;
	return NULL;
}

/* --name=value, --name value, --flag. */
static int read_words(struct plan *p, int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		struct span name, value;

		span_cut(span_of(argv[i]), '=', &name, &value);

		const struct key *key = find_key(name);

		if (!key)
			return err_say(e, "what is %s?", argv[i]);
		if (!value.at && key->kind != KEY_KIND_FLAG) {
			if (!argv[i + 1])
				return err_say(e, "%s needs a value", argv[i]);
			value = span_of(argv[++i]);
		}
		if (keytab_set(key, 1, name, value, p, e) < 0)
			return -1;
	}
	return 0;
}

/* Replaces `path` by its full name. */
static int full_path(char *path, size_t size, const char *option, bool folder, struct err *e)
{
	struct stat st;
	char *full = realpath(path, NULL);

	if (!full || stat(full, &st) < 0) {
		free(full);
		return err_sys(e, "%s %s", option, path);
	}

	bool fits = span_copy(span_of(full), path, size);

	free(full);
	if (!fits)
		return err_say(e, "%s: path too long", option);
	if (S_ISDIR(st.st_mode) != folder)
		return err_say(e, "%s %s is %sa folder", option, path, folder ? "not " : "");
	return 0;
}

static int check_needed(const struct plan *p, struct err *e)
{
	const struct {
		const char *option, *value;
	} needed[] = {
		{ "--root DIR|TAR", p->root },
		{ "--kernel FILE", p->kernel },
		{ "--modules DIR", p->modules },
		{ "-o OUT", p->out },
	};

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (!needed[i].value[0])
			return err_say(e, "%s is needed", needed[i].option);
	return 0;
}

static int check_label(const struct plan *p, struct err *e)
{
	size_t len = strlen(p->label), max = p->medium == PLAN_EXT4 ? 16 : 11;

	if (len == 0 || len > max)
		return err_say(e, "--label %s: 1 to %zu characters on %s", p->label, max,
		               medium_names[p->medium ? p->medium : PLAN_FAT]);
	for (const char *c = p->label; *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *c))
			return err_say(e, "--label %s: only letters, digits, - and _", p->label);
	return 0;
}

/* A folder, or an archive whose parts a later step looks at. */
static int find_root(struct plan *p, struct err *e)
{
	struct stat st;
	bool archive = stat(p->root, &st) == 0 && S_ISREG(st.st_mode);

	if (full_path(p->root, sizeof p->root, "--root", !archive, e) < 0)
		return -1;
	if (!archive)
		return 0;
	if (p->fs == PLAN_EROFS)
		return err_say(e, "--fs erofs is made of a folder; unpack %s, or take squashfs", p->root);
	memcpy(p->archive, p->root, sizeof p->archive);
	return 0;
}

static int find_paths(struct plan *p, struct err *e)
{
	if (find_root(p, e) < 0 ||
	    full_path(p->kernel, sizeof p->kernel, "--kernel", false, e) < 0 ||
	    full_path(p->modules, sizeof p->modules, "--modules", true, e) < 0)
		return -1;
	if (fd_mkdirs(AT_FDCWD, p->out, 0777, e) < 0)
		return -1;
	if (full_path(p->out, sizeof p->out, "-o", true, e) < 0)
		return -1;

	size_t len = strlen(p->root);

	snprintf(p->work, sizeof p->work, "%s/.making", p->out);
	if (p->archive[0]) {
		if (p->apparmor)
			return err_say(e, "--apparmor needs the root as a folder, not as an archive");
		if (snprintf(p->root, sizeof p->root, "%s/looked", p->work) >= (int)sizeof p->root)
			return err_say(e, "-o: path too long");
		return 0;
	}
	if (strncmp(p->out, p->root, len) == 0 && (p->out[len] == '/' || p->out[len] == '\0'))
		return err_say(e, "-o %s lies inside the root %s: it would become part of its own image",
		               p->out, p->root);
	return 0;
}

/* A kernel with another's modules would find no disk; better said now. */
static int find_release(struct plan *p, struct err *e)
{
	char release[sizeof p->release];

	if (!span_copy(span_of(strrchr(p->modules, '/') + 1), p->release, sizeof p->release))
		return err_say(e, "--modules %s: name too long", p->modules);

	int known = kernel_release(p->kernel, release, sizeof release, e);

	if (known < 0)
		return -1;
	if (known > 0 && strcmp(release, p->release) != 0)
		return err_say(e, "%s is %s, but the modules are those of %s", p->kernel, release, p->release);
	return 0;
}

static int find_keys(struct plan *p, struct err *e)
{
	if (!p->image_version)
		p->image_version = sign_version_now();
	if (p->sign[0] && full_path(p->sign, sizeof p->sign, "--sign", false, e) < 0)
		return -1;
	if (p->sign[0] && !p->key[0])
		sign_public_beside(p->sign, p->key, sizeof p->key);
	return p->key[0] ? full_path(p->key, sizeof p->key, "--key", false, e) : 0;
}

static int find_secure_boot(struct plan *p, struct err *e)
{
	if (!p->secure_boot[0])
		return 0;
	if (p->type != PLAN_DISK || p->no_bootloader)
		return err_say(e, "--secure-boot is for disks that start by themselves");
	if (full_path(p->secure_boot, sizeof p->secure_boot, "--secure-boot", false, e) < 0)
		return -1;
	if (!p->secure_boot_cert[0])
		uki_certificate_beside(p->secure_boot, p->secure_boot_cert, sizeof p->secure_boot_cert);
	return full_path(p->secure_boot_cert, sizeof p->secure_boot_cert, "--secure-boot-cert", false, e);
}

static bool root_has(const struct plan *p, const char *path, const char *name)
{
	char full[1024];

	snprintf(full, sizeof full, "%s/%s/%s", p->root, path, name);
	return access(full, F_OK) == 0;
}

static void ignore(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

/* root= of a server's share: see sharedroot.h of the boot. */
static bool is_shared(const char *root, const char *form)
{
	return strncmp(root, form, strlen(form)) == 0;
}

/* Does a boot with these settings go to the network? */
static bool needs_network(const struct settings *s)
{
	return fetcher_is_url(s->root) || is_shared(s->root, "nfs:") || is_shared(s->root, "nbd:") || fetcher_is_url(s->apkovl) || fetcher_is_url(s->save) || fetcher_is_url(s->fleet) ||
	       (s->ip[0] && strcmp(s->ip, "none") != 0 && strcmp(s->ip, "off") != 0);
}

static bool root_needs_network(const struct plan *p)
{
	static const struct settings_warn warn = { ignore, NULL };
	char path[600], text[16384];
	struct settings s;
	struct err ignored;

	settings_default(&s);

	snprintf(path, sizeof path, "%s/" PATH_CONF, p->root);

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	if (len > 0)
		settings_apply(&s, SETTINGS_IMAGE, (struct span){ text, (size_t)len }, &warn);
	return needs_network(&s);
}

static void read_settings(struct plan *p)
{
	static const struct settings_warn warn = { ignore, NULL };
	struct settings s;

	settings_default(&s);
	settings_apply(&s, SETTINGS_CMDLINE, span_of(p->cmdline), &warn);
	p->network = p->type == PLAN_NETBOOT || needs_network(&s);
	p->nfs_root = is_shared(s.root, "nfs:");
	p->nbd_root = is_shared(s.root, "nbd:");
	snprintf(p->extra_modules, sizeof p->extra_modules, "%s", s.modules);
	/* a name that differs from machine to machine gets its slots at the first save */
	snprintf(p->name, sizeof p->name, "%s", s.name[0] && !strpbrk(s.name, "{/") ? s.name : "default");
}

void plan_look_at_root(struct plan *p)
{
	p->network |= root_needs_network(p);
	p->lacks_modules = !root_has(p, "usr/lib/modules", p->release) &&
	                   !root_has(p, "lib/modules", p->release);
}

void plan_cmdline(const struct plan *p, char text[static PLAN_CMDLINE_MAX])
{
	const char *given = p->cmdline;
	bool has_root = strncmp(given, "root=", 5) == 0 || strstr(given, " root=");

	if (!has_root && p->type == PLAN_NETBOOT)
		snprintf(text, PLAN_CMDLINE_MAX, "root=${base}/%s%s%s", plan_root_name(p),
		         given[0] ? " " : "", given);
	else if (has_root)
		snprintf(text, PLAN_CMDLINE_MAX, "%s", given);
	else
		snprintf(text, PLAN_CMDLINE_MAX, "root=LABEL=%s%s%s", p->label, given[0] ? " " : "", given);
	strcat(text, p->harden_words);
}

int plan_parse(struct plan *p, int argc, char **argv, bool *usage, struct err *e)
{
	*p = (struct plan){ .fs = PLAN_SQUASHFS, .type = PLAN_DISK, .label = "SLATE", .image_name = "root", .slots = 4, .slot_mib = 4 };
	*usage = true;
	if (read_words(p, argc, argv, e) < 0 || check_needed(p, e) < 0 || check_label(p, e) < 0)
		return -1;
	if (p->type == PLAN_NETBOOT)
		p->no_bootloader = true;
	if (p->type == PLAN_ISO && p->no_bootloader)
		return err_say(e, "--no-bootloader is for disks");
	*usage = false;
	if (find_paths(p, e) < 0 || find_keys(p, e) < 0 || find_secure_boot(p, e) < 0 ||
	    find_release(p, e) < 0)
		return -1;
	read_settings(p);
	plan_look_at_root(p);
	if (parts_find(&p->parts, NULL, e) < 0)
		return -1;
	return harden_words((enum setting_harden)p->harden, p->parts.hooks, p->cmdline, p->harden_words,
	                    sizeof p->harden_words, e);
}
