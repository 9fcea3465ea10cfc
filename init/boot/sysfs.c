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

uint64_t sysfs_block_size(const char *name)
{
	char path[128], plain[DEVICE_NAME_MAX], text[32];
	struct err ignored;
	uint64_t sectors;

	swap_char(name, plain, sizeof plain, '/', '!');
	snprintf(path, sizeof path, "/sys/class/block/%s/size", plain);

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);

	if (len < 0 ||
	    !span_uint(span_trim((struct span){ text, (size_t)len }), UINT64_MAX / 512, &sectors))
		return 0;
	return sectors * 512;
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
