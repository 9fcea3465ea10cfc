#include "search.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "console.h"
#include "devices.h"
#include "findiso.h"
#include "firmware.h"
#include "loop.h"
#include "sysfs.h"

enum { PROBE_MS = 10000, QUIET_WAIT_MS = 2000 };

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
		d->searched = false;
		/* a reader without a card: its medium announces itself by a change */
		if (sysfs_block_size(d->name) == 0)
			continue;
		batch[n] = d;
		names[n++] = d->name;
	}
	if (n == 0)
		return false;
	probe_devices(names, n, rootspec_needs_partition(&b->wanted), PROBE_MS, found);
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
	probe_devices(names, n, 1, PROBE_MS, found);
	for (size_t i = 0; i < n; i++)
		if (firmware_is_partition(boot_partition, found[i].partuuid))
			return all[i];
	return all[0];
}

/* Is `part` a partition of the disk `whole`? "sda1" of "sda", "nvme0n1p1" of "nvme0n1". */
static bool is_part_of(const struct device *part, const struct device *whole)
{
	return part->partition && !whole->partition &&
	       span_starts(span_of(part->name), whole->name);
}

/* A disk and its partition can show the same file system: an ISO image for sticks
 * does, and so does a disk that had no partitions once. The ISO is meant as a whole. */
static bool is_shadowed(const struct device *d, struct device *const *all, size_t n)
{
	bool is_iso = strcmp(d->found.fstype, "iso9660") == 0;

	for (size_t i = 0; i < n; i++)
		if (is_iso ? is_part_of(d, all[i]) : is_part_of(all[i], d))
			return true;
	return false;
}

static size_t drop_shadowed(struct device **all, size_t n)
{
	struct device *kept[PROBE_BATCH];
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_shadowed(all[i], all, n))
			kept[left++] = all[i];
	memcpy(all, kept, left * sizeof *all);
	return left;
}

/* The first that holds the file of findiso=. */
static const struct device *find_carrier(struct boot *b)
{
	for (size_t i = 0; i < b->n_devices; i++) {
		struct device *d = &b->devices[i];

		if (d->probed && d->found.size && findiso_holds(b, d))
			return d;
	}
	return NULL;
}

static const struct device *find_match(struct boot *b, const char *option, const char *asked)
{
	if (b->wanted.kind == ROOT_FILE)
		return find_carrier(b);

	struct device *all[PROBE_BATCH];
	size_t n = 0;

	for (size_t i = 0; i < b->n_devices && n < PROBE_BATCH; i++)
		if (matches(b, &b->devices[i]))
			all[n++] = &b->devices[i];
	n = drop_shadowed(all, n);
	if (n < 2)
		return n ? all[0] : NULL;

	const struct device *best = prefer(all, n);

	for (size_t i = 0; i < n; i++)
		if (all[i] != best)
			boot_degrade(b, "medium: %s%s is on %s and on %s too; %s is used", option,
			             asked, best->name, all[i]->name, best->name);
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

/* CD drives and card readers tell of a new medium only when the kernel asks them. */
static void watch_drives(bool on)
{
	const char *ms = on ? "2000" : "0";
	struct err ignored;

	fd_write_file(AT_FDCWD, "/sys/module/block/parameters/events_dfl_poll_msecs", ms,
	              strlen(ms), &ignored);
}

const struct device *search_run(struct boot *b, const char *option, const char *asked)
{
	uint64_t start_ms = clock_now_ms();
	uint64_t deadline_ms = start_ms + b->settings.rootwait_s * 1000;
	const struct device *found;
	struct countdown c;
	size_t ahead = 0;
	bool waits = false;

	/* a second try: somebody may have made a file system meanwhile */
	for (size_t i = 0; i < b->n_devices; i++)
		b->devices[i].probed = false;
	countdown_start(&c, start_ms + QUIET_WAIT_MS, deadline_ms, asked, "ends the wait");
	for (;;) {
		while (probe_pending(b))
			;
		if ((found = find_match(b, option, asked)))
			break;
		if (devices_turn(b, RANK_OTHER) == DEVICES_NEWS || load_ahead(b, &ahead))
			continue;
		if (!waits)
			watch_drives(true);
		waits = true;
		if (!wait_for_news(b, deadline_ms, &c))
			break;
	}
	if (waits)
		watch_drives(false);
	countdown_end(&c);
	return found;
}
