#include "target.h"

#include "../init/base/fd.h"
#include "../init/base/span.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

bool target_is_pluggable(const char *folder, bool removable)
{
	return removable || strstr(folder, "/usb") || strstr(folder, "/mmc_host/") ||
	       strstr(folder, "/virtual/block/loop");
}

/* A file of the device's folder in /sys, without blanks around; "" where it has none. */
static void read_attribute(const char *folder, const char *name, char *out, size_t size)
{
	char path[600], text[256];
	struct err ignored;

	snprintf(path, sizeof path, "%s/%s", folder, name);

	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored);
	struct span value = span_trim((struct span){ text, len < 0 ? 0 : (size_t)len });

	if (!span_copy(value, out, size))
		out[0] = '\0';
}

static void read_model(struct target *t, const char *folder)
{
	char vendor[64], model[64];

	read_attribute(folder, "device/vendor", vendor, sizeof vendor);
	read_attribute(folder, "device/model", model, sizeof model);
	/* a PCI vendor's number says nothing to people */
	snprintf(t->model, sizeof t->model, "%s%s%s", strncmp(vendor, "0x", 2) == 0 ? "" : vendor,
	         vendor[0] && model[0] && strncmp(vendor, "0x", 2) != 0 ? " " : "", model);
}

static int check_disk(struct target *t, dev_t device, bool force, struct err *e)
{
	char link[64], partition[16], removable[16];

	snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(device), minor(device));

	char *folder = realpath(link, NULL);

	if (!folder)
		return force ? 0 : err_sys(e, "%s: what disk it is can't be seen (%s)", t->path, link);
	read_model(t, folder);
	read_attribute(folder, "partition", partition, sizeof partition);
	read_attribute(folder, "removable", removable, sizeof removable);

	bool pluggable = target_is_pluggable(folder, strcmp(removable, "1") == 0);

	free(folder);
	if (force)
		return 0;
	if (partition[0])
		return err_say(e, "%s is a partition; an image goes onto the whole disk", t->path);
	if (!pluggable)
		return err_say(e, "%s (%s) is a fixed disk of this machine; --force writes to it all the same",
		               t->path, t->model[0] ? t->model : "no model");
	return 0;
}

/* O_EXCL: the kernel refuses a disk of which any part is mounted, swap, or in a RAID. */
static int open_disk(struct target *t, bool force, struct err *e)
{
	t->fd = open(t->path, O_RDWR | O_CLOEXEC | (force ? 0 : O_EXCL));
	if (t->fd < 0 && errno == EBUSY)
		return err_say(e, "%s is in use: unmount what is on it (findmnt shows where)", t->path);
	if (t->fd < 0)
		return err_sys(e, "open %s", t->path);

	ioctl(t->fd, BLKSSZGET, &t->sector);

	off_t size = lseek(t->fd, 0, SEEK_END);

	if (size < 0 || lseek(t->fd, 0, SEEK_SET) < 0)
		return err_sys(e, "size of %s", t->path);
	t->size = (uint64_t)size;
	return 0;
}

int target_open(struct target *t, const char *path, bool force, struct err *e)
{
	struct stat st;

	*t = (struct target){ .path = path, .fd = -1, .sector = 512 };
	if (stat(path, &st) < 0)
		return err_sys(e, "%s", path);
	t->device = S_ISBLK(st.st_mode);
	if (t->device)
		return check_disk(t, st.st_rdev, force, e) < 0 ? -1 : open_disk(t, force, e);
	if (!S_ISREG(st.st_mode))
		return err_say(e, "%s is neither a disk nor a file", path);
	t->size = (uint64_t)st.st_size;
	t->fd = open(path, O_RDWR | O_CLOEXEC);
	return t->fd < 0 ? err_sys(e, "open %s", path) : 0;
}

int target_flush(const struct target *t, struct err *e)
{
	if (fsync(t->fd) < 0)
		return err_sys(e, "write to %s", t->path);
	if (t->device)
		ioctl(t->fd, BLKFLSBUF);
	posix_fadvise(t->fd, 0, 0, POSIX_FADV_DONTNEED);
	return 0;
}

void target_reread(const struct target *t)
{
	if (t->device)
		ioctl(t->fd, BLKRRPART);
}

void target_close(struct target *t)
{
	fd_drop(&t->fd);
}
