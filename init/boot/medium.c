#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "conf.h"
#include "findiso.h"
#include "mounts.h"
#include "netroot.h"
#include "search.h"
#include "sharedroot.h"

/* What a type needs besides the options that all have. Names on the medium may
 * hold secrets of the saved configuration: on FAT all of it is root's alone. */
static const struct {
	const char *fstype, *options;
	const char *no_replay; /* mounts it as it is when the device can't be written */
} types[] = {
	/* one table for both spares loading another module */
	/* errors=continue: a torn file that is read during a save must not make the
	 * whole medium read-only for good; slots have digests of their own */
	{ "vfat", "codepage=437,iocharset=cp437,utf8=1,shortname=mixed,umask=0077,errors=continue",
	  NULL },
	{ "exfat", "iocharset=utf8,umask=0077,errors=continue", NULL },
	{ "iso9660", "iocharset=utf8", NULL },
	{ "ext4", NULL, "noload" },
	{ "ext3", NULL, "noload" },
	{ "xfs", NULL, "norecovery" },
	{ "btrfs", NULL, "rescue=nologreplay" },
	{ "f2fs", NULL, "norecovery" },
};

const char *medium_options_as_is(const char *fstype)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].fstype, fstype) == 0)
			return types[i].no_replay ? types[i].no_replay : types[i].options;
	return NULL;
}

static const char *type_of(const struct boot *b, const struct probed *found)
{
	return b->settings.rootfstype[0] ? b->settings.rootfstype : found->fstype;
}

/* Where a device goes, and how. */
struct mounting {
	struct medium *medium;
	const char *target;
	const char *flags; /* the user's */
};

/* The user's flags first: what follows holds whatever they say. */
static int mount_with(const struct mounting *m, const char *own, struct err *e)
{
	const char *parts[] = { m->flags, own, "ro,nosuid,nodev,noexec,noatime" };
	char device[96], *options = m->medium->options;
	size_t size = sizeof m->medium->options;

	options[0] = '\0';
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t used = strlen(options);

		if (parts[i] && parts[i][0])
			snprintf(options + used, size - used, "%s%s", used ? "," : "", parts[i]);
	}
	snprintf(device, sizeof device, "/dev/%s", m->medium->device);
	return mounts_mount(device, m->target, m->medium->found.fstype, options, e);
}

static int mount_type(struct boot *b, const struct mounting *m, struct err *e)
{
	const char *own = NULL, *no_replay = NULL;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].fstype, m->medium->found.fstype) == 0) {
			own = types[i].options;
			no_replay = types[i].no_replay;
		}
	if (mount_with(m, own, e) == 0)
		return 0;
	if (e->code != EROFS || !no_replay)
		return -1;
	/* a switch on the stick, and a journal that was not written back */
	if (mount_with(m, no_replay, e) < 0)
		return -1;
	boot_degrade(b,
	             "medium: %s can't be written and was not unmounted cleanly; what was written "
	             "last may be missing",
	             m->medium->device);
	return 0;
}

int medium_mount(struct boot *b, struct medium *m, const char *target, const char *flags,
                 struct err *e)
{
	const struct mounting mounting = { m, target, flags };
	const char *fstype = m->found.fstype;

	if (!fstype[0])
		return err_say(e, "%s (%s) holds no file system%s%s", m->device, b->asked,
		               m->found.why[0] ? ": " : "", m->found.why);
	if (!probe_type_is_allowed(fstype))
		return err_say(e, "%s (%s) is of type %s, which no medium may have", m->device,
		               b->asked, fstype);
	if (modules_load_fs(&b->modules, fstype, e) < 0 || mount_type(b, &mounting, e) < 0)
		return -1;
	m->dir = open(target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return m->dir < 0 ? err_sys(e, "open %s", target) : 0;
}

/* What is looked for: root=, or whatever carries the file of findiso=. */
static int choose_wanted(struct boot *b, struct err *e)
{
	b->asked = b->settings.root;
	if (b->settings.findiso[0]) {
		b->asked = b->settings.findiso;
		b->wanted = (struct rootspec){ .kind = ROOT_FILE };
		return 0;
	}
	return rootspec_parse(span_of(b->settings.root), &b->wanted, e);
}

static int mount_share(struct boot *b, struct err *e)
{
	if (sharedroot_mount(b, e) < 0)
		return -1;
	conf_add_medium(b, b->medium.dir);
	boot_say(b, REPORT_INFO, "medium: %s", b->settings.root);
	return 0;
}

int medium_find(struct boot *b, struct err *e)
{
	if (choose_wanted(b, e) < 0)
		return -1;
	if (netroot_is_wanted(b))
		return netroot_fetch(b, e);
	if (b->wanted.kind == ROOT_NFS)
		return mount_share(b, e);
	if (b->wanted.kind == ROOT_NBD && sharedroot_connect(b, e) < 0)
		return -1;

	bool inside_file = b->wanted.kind == ROOT_FILE;
	const struct device *d = search_run(b, inside_file ? "findiso=" : "root=", b->asked);

	if (!d)
		return err_say(e, "%s%s did not appear within %" PRIu64 " s",
		               inside_file ? "findiso=" : "root=", b->asked, b->settings.rootwait_s);
	memcpy(b->medium.device, d->name, sizeof b->medium.device);
	memcpy(b->medium.plugged, d->name, sizeof b->medium.plugged);
	b->medium.found = d->found;

	FD_AUTO loop = inside_file ? findiso_attach(b, e) : -1;

	if (inside_file && loop < 0)
		return -1;
	if (!inside_file)
		snprintf(b->medium.found.fstype, sizeof b->medium.found.fstype, "%.19s",
		         type_of(b, &d->found));
	if (medium_mount(b, &b->medium, PATH_MEDIUM, b->settings.rootflags, e) < 0)
		return -1;
	conf_add_medium(b, b->medium.dir);
	boot_say(b, REPORT_INFO, "medium: %s (%s%s%s)", b->medium.device, b->medium.found.fstype,
	         b->medium.found.label[0] ? ", LABEL=" : "", b->medium.found.label);
	return 0;
}

static void explain_device(const struct boot *b, const struct device *d)
{
	const struct probed *p = &d->found;

	if (p->why[0])
		boot_say(b, REPORT_ERROR, "  %s: %s", d->name, p->why);
	else
		boot_say(b, REPORT_ERROR, "  %s: %" PRIu64 " MiB, %s%s%s%s%s%s%s%s%s", d->name,
		         p->size >> 20, p->fstype[0] ? p->fstype : "no file system",
		         p->label[0] ? ", LABEL=" : "", p->label, p->uuid[0] ? ", UUID=" : "",
		         p->uuid, p->partlabel[0] ? ", PARTLABEL=" : "", p->partlabel,
		         p->partuuid[0] ? ", PARTUUID=" : "", p->partuuid);
}

void medium_explain(const struct boot *b)
{
	size_t shown = 0;

	if (b->wanted.kind == ROOT_KIND_NONE || b->wanted.kind == ROOT_NFS || netroot_is_wanted(b))
		return; /* nothing was looked for */
	boot_say(b, REPORT_ERROR, "block devices that were seen:");
	for (size_t i = 0; i < b->n_devices; i++)
		if (b->devices[i].found.size || b->devices[i].found.why[0]) {
			explain_device(b, &b->devices[i]);
			shown++;
		}
	if (shown == 0)
		boot_say(b, REPORT_ERROR, "  none (is the controller's driver in the initramfs?)");
}
