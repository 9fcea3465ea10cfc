#include "sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../base/fd.h"

/* /dev/cciss/c0d0 is cciss!c0d0 in /sys. */
static void swap_char(const char *from, char *to, size_t size, char old, char new)
{
	snprintf(to, size, "%.*s", (int)size - 1, from);
	for (char *c = to; *c; c++)
		if (*c == old)
			*c = new;
}

void sysfs_blocks(void (*found)(void *ctx, const char *name, bool partition), void *ctx)
{
	DIR *d = opendir("/sys/class/block");

	if (!d)
		return;
	for (struct dirent *entry; (entry = readdir(d));) {
		char path[300], name[DEVICE_NAME_MAX];

		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof name)
			continue;
		snprintf(path, sizeof path, "/sys/class/block/%s/partition", entry->d_name);
		swap_char(entry->d_name, name, sizeof name, '!', '/');
		found(ctx, name, access(path, F_OK) == 0);
	}
	closedir(d);
}

/* A number that the kernel tells of a block device; false: it tells none. */
static bool read_number(const char *name, const char *what, uint64_t max, uint64_t *out)
{
	char path[160], plain[DEVICE_NAME_MAX], text[32];
	struct err ignored;

	swap_char(name, plain, sizeof plain, '/', '!');
	snprintf(path, sizeof path, "/sys/class/block/%s/%s", plain, what);

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	return len >= 0 && span_uint(span_trim((struct span){ text, (size_t)len }), max, out);
}

uint64_t sysfs_block_size(const char *name)
{
	uint64_t sectors;

	return read_number(name, "size", UINT64_MAX / 512, &sectors) ? sectors * 512 : 0;
}

/* The disk is the folder that the partition's is in: ../../devices/…/DISK/NAME. */
static bool find_disk(const char *name, char disk[static DEVICE_NAME_MAX])
{
	char path[128], plain[DEVICE_NAME_MAX], target[512];

	swap_char(name, plain, sizeof plain, '/', '!');
	snprintf(path, sizeof path, "/sys/class/block/%s", plain);

	ssize_t len = readlink(path, target, sizeof target - 1);

	target[len < 0 ? 0 : len] = '\0';
	for (int part = 0; part < 2; part++) {
		char *last = strrchr(target, '/');

		if (!last || strlen(last + 1) >= DEVICE_NAME_MAX)
			return false;
		swap_char(last + 1, disk, DEVICE_NAME_MAX, '!', '/');
		*last = '\0';
	}
	return true;
}

bool sysfs_partition(const char *name, struct sysfs_part *out)
{
	uint64_t number, start;

	if (!read_number(name, "partition", UINT16_MAX, &number) ||
	    !read_number(name, "start", UINT64_MAX / 1024, &start) || !find_disk(name, out->disk))
		return false;
	out->number = (unsigned)number;
	out->end = start * 512 + sysfs_block_size(name);
	return true;
}

static void bus_aliases(const char *bus, struct aliases *into)
{
	char path[64];

	snprintf(path, sizeof path, "/sys/bus/%s/devices", bus);

	DIR *d = opendir(path);

	if (!d)
		return;
	for (struct dirent *entry; (entry = readdir(d));) {
		char file[300], text[MODALIAS_MAX];
		struct err ignored;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/modalias", entry->d_name);

		ssize_t len = fd_read_file(dirfd(d), file, text, sizeof text, &ignored);

		if (len <= 1)
			continue;
		text[strcspn(text, "\n")] = '\0';
		aliases_add(into, text);
	}
	closedir(d);
}

void sysfs_aliases(struct aliases *into, bool first)
{
	/* not cpu, acpi processors, input …: a PC has hundreds of them */
	static const char *const others[] = { "virtio", "usb", "scsi",     "mmc",  "sdio",
		                              "vmbus",  "xen", "platform", "acpi", "ccw" };

	if (first) {
		bus_aliases("pci", into);
		return;
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		bus_aliases(others[i], into);
}
