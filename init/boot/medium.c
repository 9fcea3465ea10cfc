#include "medium.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "console.h"
#include "devices.h"
#include "firmware.h"
#include "loop.h"
#include "mounts.h"
#include "sysfs.h"

enum { PROBE_MS = 10000, QUIET_WAIT_MS = 2000 };

/* Options of the medium by its type, besides those that all have. Names on the
 * medium may hold secrets of the saved configuration: root's alone on FAT. */
static const struct {
	const char *fstype, *options;
} fs_options[] = {
	/* one table for both spares loading another module */
	{ "vfat", "codepage=437,iocharset=cp437,utf8=1,shortname=mixed,umask=0077" },
	{ "exfat", "iocharset=utf8,umask=0077" },
	{ "iso9660", "iocharset=utf8" },
};

static bool is_pending(const struct boot *b, const struct device *d)
{
	return !d->probed && rootspec_concerns(&b->wanted, d->name, d->partition);
}

/* Probes up to a batch of the devices not looked at yet. False: there were none. */
static bool probe_pending(struct boot *b)
{
	struct device *batch[PROBE_BATCH];
	const char *names[PROBE_BATCH];
	struct probed found[PROBE_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < b->n_devices && n < PROBE_BATCH; i++) {
		struct device *d = &b->devices[i];

		if (!is_pending(b, d))
			continue;
		d->probed = true;
		/* a reader without a card: its medium announces itself by a change */
		if (sysfs_block_size(d->name) == 0)
			continue;
		batch[n] = d;
		names[n++] = d->name;
	}
	if (n == 0)
		return false;
	probe_devices(names, n, rootspec_needs_partition(&b->wanted), clock_now_ms() + PROBE_MS,
	              found);
	for (size_t i = 0; i < n; i++)
		batch[i]->found = found[i];
	return true;
}

static bool matches(const struct boot *b, const struct device *d)
{
	return d->probed && d->found.size && rootspec_matches(&b->wanted, d->name, &d->found);
}

/* Which of the devices that match the machine was started from, as far as the
 * firmware says; the first where it does not. */
static const struct device *prefer(struct device *const *all, size_t n)
{
	const char *names[PROBE_BATCH];
	struct probed found[PROBE_BATCH];
	char boot_partition[48];

	if (firmware_partition(boot_partition, sizeof boot_partition) < 0)
		return all[0];
	for (size_t i = 0; i < n; i++)
		names[i] = all[i]->name;
	probe_devices(names, n, 1, clock_now_ms() + PROBE_MS, found);
	for (size_t i = 0; i < n; i++)
		if (firmware_is_partition(boot_partition, found[i].partuuid))
			return all[i];
	return all[0];
}

static const struct device *find_match(struct boot *b)
{
	struct device *all[PROBE_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < b->n_devices && n < PROBE_BATCH; i++)
		if (matches(b, &b->devices[i]))
			all[n++] = &b->devices[i];
	if (n < 2)
		return n ? all[0] : NULL;

	const struct device *best = prefer(all, n);

	for (size_t i = 0; i < n; i++)
		if (all[i] != best)
			boot_degrade(b, "medium: root=%s is on %s and on %s too; %s is used",
			             b->settings.root, best->name, all[i]->name, best->name);
	return best;
}

/* Waits for a message of the kernel, a key, or the deadline. False: time is up. */
static bool wait_for_news(const struct boot *b, uint64_t deadline_ms, struct countdown *c)
{
	struct pollfd in[2] = { { b->monitor, POLLIN, 0 }, { -1, POLLIN, 0 } };

	countdown_step(c, &in[1].fd);
	if (poll(in, 2, countdown_next_ms(c, deadline_ms)) < 0 && errno != EINTR)
		return false;
	if (in[1].revents && countdown_key(c))
		return false;
	return clock_left_ms(deadline_ms) > 0;
}

/* Loads one of the modules that the later stages will need, in the time that would
 * be spent waiting. False: all are loaded. */
static bool load_ahead(struct boot *b, size_t *next)
{
	static const char *const likely[] = { "overlay", "squashfs", "vfat" };
	struct err ignored; /* who needs it says so */

	if (*next > sizeof likely / sizeof *likely)
		return false;
	if (*next == sizeof likely / sizeof *likely)
		loop_load(&b->modules, &ignored);
	else
		modules_load_fs(&b->modules, likely[*next], &ignored);
	(*next)++;
	return true;
}

/* The search proper: returns the device, or NULL when the time is up. */
static const struct device *search(struct boot *b)
{
	uint64_t start_ms = clock_now_ms();
	uint64_t deadline_ms = start_ms + b->settings.rootwait_s * 1000;
	const struct device *found;
	struct countdown c;
	size_t ahead = 0;

	/* a second try: somebody may have made a file system meanwhile */
	for (size_t i = 0; i < b->n_devices; i++)
		b->devices[i].probed = false;
	countdown_start(&c, start_ms + QUIET_WAIT_MS, deadline_ms, b->settings.root,
	                "ends the wait");
	for (;;) {
		while (probe_pending(b))
			;
		if ((found = find_match(b)))
			break;
		if (devices_turn(b, RANK_OTHER) == DEVICES_NEWS || load_ahead(b, &ahead))
			continue;
		if (!wait_for_news(b, deadline_ms, &c))
			break;
	}
	countdown_end(&c);
	return found;
}

static const char *type_of(const struct boot *b, const struct probed *found)
{
	return b->settings.rootfstype[0] ? b->settings.rootfstype : found->fstype;
}

static int mount_medium(struct boot *b, struct err *e)
{
	struct medium *m = &b->medium;
	char device[96], options[512], *fstype = m->found.fstype;
	const char *own = "";

	if (!fstype[0])
		return err_say(e, "%s (root=%s) holds no file system%s%s", m->device,
		               b->settings.root, m->found.why[0] ? ": " : "", m->found.why);
	if (!probe_type_is_allowed(fstype))
		return err_say(e, "%s (root=%s) is of type %s, which no medium may have", m->device,
		               b->settings.root, fstype);
	if (modules_load_fs(&b->modules, fstype, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof fs_options / sizeof *fs_options; i++)
		if (strcmp(fs_options[i].fstype, fstype) == 0)
			own = fs_options[i].options;
	snprintf(device, sizeof device, "/dev/%s", m->device);
	snprintf(options, sizeof options, "ro,nosuid,nodev,noexec%s%s%s%s", own[0] ? "," : "", own,
	         b->settings.rootflags[0] ? "," : "", b->settings.rootflags);
	if (mounts_mount(device, PATH_MEDIUM, fstype, options, e) < 0)
		return -1;
	m->dir = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return m->dir < 0 ? err_sys(e, "open " PATH_MEDIUM) : 0;
}

int medium_find(struct boot *b, struct err *e)
{
	if (rootspec_parse(span_of(b->settings.root), &b->wanted, e) < 0)
		return -1;
	if (b->wanted.kind == ROOT_NETWORK)
		return err_say(e, "root=%s: this version boots from block devices only",
		               b->settings.root);

	const struct device *d = search(b);

	if (!d)
		return err_say(e, "root=%s did not appear within %" PRIu64 " s", b->settings.root,
		               b->settings.rootwait_s);
	memcpy(b->medium.device, d->name, sizeof b->medium.device);
	b->medium.found = d->found;
	snprintf(b->medium.found.fstype, sizeof b->medium.found.fstype, "%.19s",
	         type_of(b, &d->found));
	if (mount_medium(b, e) < 0)
		return -1;
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

	if (b->wanted.kind == ROOT_KIND_NONE || b->wanted.kind == ROOT_NETWORK)
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
