#include "probe.h"

#include <blkid/blkid.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"

static const char *const allowed[] = {
	"vfat",  "exfat", "ext4", "ext3", "ext2", "iso9660", "squashfs",
	"erofs", "btrfs", "xfs",  "f2fs", "udf",  NULL,
};

/* Not for use: so that a list of what was seen can name them. */
static const char *const known[] = {
	"crypto_LUKS", "LVM2_member", "linux_raid_member", "swap",
	"ntfs",        "squashfs3",   "ext4dev",           NULL,
};

struct request {
	const char *const *names;
	size_t n;
	int partition_tables;
};

int probe_type_is_allowed(const char *fstype)
{
	for (size_t i = 0; allowed[i]; i++)
		if (strcmp(allowed[i], fstype) == 0)
			return 1;
	return 0;
}

static void take(blkid_probe probe, const char *name, char *into, size_t size)
{
	const char *value;

	/* a value that does not fit is no value: half a label could match another's */
	if (blkid_probe_lookup_value(probe, name, &value, NULL) == 0 && strlen(value) < size)
		strcpy(into, value);
}

static int choose_chains(blkid_probe probe, int partition_tables)
{
	char *names[sizeof allowed / sizeof *allowed + sizeof known / sizeof *known];
	size_t n = 0;

	for (size_t i = 0; allowed[i]; i++)
		names[n++] = (char *)(uintptr_t)allowed[i];
	for (size_t i = 0; known[i]; i++)
		names[n++] = (char *)(uintptr_t)known[i];
	names[n] = NULL;
	if (blkid_probe_enable_superblocks(probe, 1) ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
	                                                     BLKID_SUBLKS_TYPE) ||
	    blkid_probe_filter_superblocks_type(probe, BLKID_FLTR_ONLYIN, names))
		return -1;
	if (partition_tables &&
	    (blkid_probe_enable_partitions(probe, 1) ||
	     blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS)))
		return -1;
	return 0;
}

static int probe_open(blkid_probe probe, int fd, int partition_tables, struct probed *out,
                      struct err *e)
{
	if (blkid_probe_set_device(probe, fd, 0, 0) || choose_chains(probe, partition_tables))
		return err_say(e, "can't be probed");
	out->size = (uint64_t)blkid_probe_get_size(probe);

	int result = blkid_do_safeprobe(probe);

	if (result == -2)
		return err_say(e, "holds the signatures of two file systems");
	if (result < 0)
		return err_sys(e, "can't be read");
	take(probe, "TYPE", out->fstype, sizeof out->fstype);
	take(probe, "LABEL", out->label, sizeof out->label);
	take(probe, "UUID", out->uuid, sizeof out->uuid);
	take(probe, "PART_ENTRY_NAME", out->partlabel, sizeof out->partlabel);
	take(probe, "PART_ENTRY_UUID", out->partuuid, sizeof out->partuuid);
	return 0;
}

static int probe_device(const char *name, int partition_tables, struct probed *out, struct err *e)
{
	char path[96];

	snprintf(path, sizeof path, "/dev/%s", name);

	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, "can't be opened");

	blkid_probe probe = blkid_new_probe();

	if (!probe)
		return err_say(e, "no memory");

	int result = probe_open(probe, fd, partition_tables, out, e);

	blkid_free_probe(probe);
	return result;
}

static int probe_all(void *arg, void *out, struct err *e)
{
	const struct request *request = arg;
	struct probed *rows = out;

	for (size_t i = 0; i < request->n; i++)
		if (probe_device(request->names[i], request->partition_tables, &rows[i], e) < 0)
			snprintf(rows[i].why, sizeof rows[i].why, "%.150s", e->text);
	return 0;
}

static int probe_batch(const char *const *names, size_t n, int partition_tables, uint64_t limit_ms,
                       struct probed *out, struct err *e)
{
	struct request request = { names, n, partition_tables };
	struct child_limits limits = { .deadline_ms = clock_now_ms() + limit_ms,
		                       .memory = 64 << 20,
		                       .walls = CHILD_READS };

	memset(out, 0, n * sizeof *out);
	return child_call(probe_all, &request, out, n * sizeof *out, &limits, e);
}

void probe_devices(const char *const *names, size_t n, int partition_tables, uint64_t limit_ms,
                   struct probed *out)
{
	struct err e = { 0 };

	if (probe_batch(names, n, partition_tables, limit_ms, out, &e) == 0)
		return;
	/* one of them ended the child: alone it ends only its own */
	for (size_t i = 0; i < n; i++)
		if (probe_batch(&names[i], 1, partition_tables, limit_ms, &out[i], &e) < 0) {
			memset(&out[i], 0, sizeof out[i]);
			snprintf(out[i].why, sizeof out[i].why, "probe %.140s", e.text);
		}
}
