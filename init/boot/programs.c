#include "programs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"

struct loan {
	const char *from;         /* in the initramfs */
	const char *to;           /* beneath /run */
	const char *own[4];       /* the root has its own if one of these is there; NULL ends */
	const char *const *names; /* links to it beside it; NULL: none */
	mode_t type;              /* S_IFREG or S_IFDIR */
	bool (*wanted)(const struct boot *b); /* NULL: always */
};

static const char *const tool_names[] = { "lbu",  "systemctl", "reboot", "poweroff",
	                                  "halt", "shutdown",  NULL };
static const char *const shell_names[] = { "sh", NULL };

/* Whoever came by an address by DHCP has to renew it. */
static bool has_lease(const struct boot *b)
{
	return b->connected && b->lease.dhcp;
}

static bool saves_by_network(const struct boot *b)
{
	return strstr(b->settings.save, "://") || strstr(b->settings.apkovl, "://");
}

static const struct loan loans[] = {
	{ "/bin/slate-init",
	  PATH_BIN "/slate-init",
	  { "usr/sbin/slate-init", "sbin/slate-init" },
	  NULL,
	  S_IFREG,
	  NULL },
	{ "/bin/slate",
	  PATH_BIN "/slate",
	  { "usr/bin/slate", "bin/slate", "usr/sbin/slate" },
	  tool_names,
	  S_IFREG,
	  NULL },
	{ "/bin/busybox", PATH_BIN "/busybox", { "bin/sh", "usr/bin/sh" }, shell_names, S_IFREG, NULL },
	/* roots made for containers have no kmod, and drivers to load all the same */
	{ "/bin/busybox",
	  PATH_BIN "/modprobe",
	  { "sbin/modprobe", "usr/sbin/modprobe", "bin/modprobe", "usr/bin/modprobe" },
	  NULL,
	  S_IFREG,
	  NULL },
	{ .from = "/bin/busybox",
	  .to = PATH_BIN "/busybox-lease",
	  .type = S_IFREG,
	  .wanted = has_lease },
	{ .from = "/lib/slate/hooks/lease",
	  .to = PATH_BIN "/lease-script",
	  .type = S_IFREG,
	  .wanted = has_lease },
	{ .from = "/bin/slate-fetch",
	  .to = PATH_BIN "/slate-fetch",
	  .type = S_IFREG,
	  .wanted = saves_by_network },
	{ "/lib/slate/system", PATH_SHIPPED "/system", { "usr/lib/slate/system" }, NULL, S_IFDIR, NULL },
	{ "/lib/slate/hooks", PATH_SHIPPED "/hooks", { "usr/lib/slate/hooks" }, NULL, S_IFDIR, NULL },
};

static bool has_own(int sysroot, const struct loan *l)
{
	for (size_t i = 0; i < sizeof l->own / sizeof *l->own && l->own[i]; i++) {
		FD_AUTO fd = fd_open_in_root(sysroot, l->own[i], O_PATH, 0);

		if (fd >= 0)
			return true;
	}
	return false;
}

static int make_target(const struct loan *l, struct err *e)
{
	if (l->type == S_IFDIR)
		return fd_mkdirs(AT_FDCWD, l->to, 0755, e);
	return fd_write_file(AT_FDCWD, l->to, "", 0, e);
}

static int link_names(const struct loan *l, struct err *e)
{
	const char *target = l->to + sizeof PATH_BIN;
	char path[128];

	for (size_t i = 0; l->names && l->names[i]; i++) {
		snprintf(path, sizeof path, PATH_BIN "/%s", l->names[i]);
		if (symlink(target, path) < 0 && errno != EEXIST)
			return err_sys(e, "link %s", path);
	}
	return 0;
}

/* A login's PATH is the image's own affair (login.defs, /etc/profile), but
 * /usr/local/bin is in every one. The links are in memory, like all that changes. */
static int offer_names(int sysroot, const struct loan *l, struct err *e)
{
	char target[128];

	if (fd_mkdirs(sysroot, "usr/local/bin", 0755, e) < 0)
		return -1;

	FD_AUTO dir = fd_open_in_root(sysroot, "usr/local/bin", O_RDONLY | O_DIRECTORY, 0);

	if (dir < 0)
		return err_sys(e, "open usr/local/bin");
	if (symlinkat(l->to, dir, l->to + sizeof PATH_BIN) < 0 && errno != EEXIST)
		return err_sys(e, "link usr/local/bin/%s", l->to + sizeof PATH_BIN);
	for (size_t i = 0; l->names[i]; i++) {
		snprintf(target, sizeof target, PATH_BIN "/%s", l->names[i]);
		if (symlinkat(target, dir, l->names[i]) < 0 && errno != EEXIST)
			return err_sys(e, "link usr/local/bin/%s", l->names[i]);
	}
	return 0;
}

static int lend(const struct loan *l, struct programs *p, struct err *e)
{
	struct stat st;

	/* an initramfs of another maker may have less */
	if (stat(l->from, &st) < 0 || (st.st_mode & S_IFMT) != l->type || p->n == PROGRAMS_MAX)
		return 0;
	if (make_target(l, e) < 0)
		return -1;
	if (mount(l->from, l->to, NULL, MS_BIND, NULL) < 0)
		return err_sys(e, "bind %s to %s", l->from, l->to);
	if (mount(NULL, l->to, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV,
	          NULL) < 0)
		return err_sys(e, "make %s read-only", l->to);
	p->kept[p->n++] = st.st_ino;
	return link_names(l, e);
}

/* Another init has a systemctl and a reboot of its own. */
static bool is_for_slate_init(const struct boot *b)
{
	return !b->settings.init[0] || strstr(b->settings.init, "slate-init");
}

void programs_lend(const struct boot *b, struct programs *p)
{
	struct err e;

	p->n = 0;
	if (fd_mkdirs(AT_FDCWD, PATH_BIN, 0755, &e) < 0)
		boot_degrade(b, "slate's programs: %s", e.text);
	for (const struct loan *l = loans; l < loans + sizeof loans / sizeof *loans; l++) {
		if ((l->wanted && !l->wanted(b)) || has_own(b->sysroot, l))
			continue;
		if (lend(l, p, &e) < 0 || (l->names == tool_names && is_for_slate_init(b) &&
		                           offer_names(b->sysroot, l, &e) < 0))
			boot_degrade(b, "slate's programs: %s", e.text);
	}
}
