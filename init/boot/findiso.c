#include "findiso.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "loop.h"
#include "medium.h"
#include "mounts.h"

enum { PROBE_MS = 10000 };

/* The path without the slashes that it begins with. */
static const char *path_of(const struct boot *b)
{
	const char *path = b->settings.findiso;

	return path + strspn(path, "/");
}

/* The file on what is mounted; -1 with *e. The caller owns it. */
static int open_file(const struct boot *b, struct err *e)
{
	FD_AUTO dir = open(PATH_CARRIER, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, "open " PATH_CARRIER);

	FD_AUTO file = fd_open_beneath(dir, path_of(b), O_RDONLY, 0);
	struct stat st;

	if (file < 0 || fstat(file, &st) < 0)
		return err_sys(e, "open %s", b->settings.findiso);
	if (!S_ISREG(st.st_mode))
		return err_say(e, "%s is not a file", b->settings.findiso);
	return fd_take(&file);
}

static int mount_carrier(struct boot *b, const struct device *d, struct err *e)
{
	const char *own = medium_options_as_is(d->found.fstype);
	char path[96], options[256];

	snprintf(path, sizeof path, "/dev/%s", d->name);
	snprintf(options, sizeof options, "%s%sro,nosuid,nodev,noexec,noatime", own ? own : "",
	         own ? "," : "");
	if (modules_load_fs(&b->modules, d->found.fstype, e) < 0)
		return -1;
	return mounts_mount(path, PATH_CARRIER, d->found.fstype, options, e);
}

bool findiso_holds(struct boot *b, struct device *d)
{
	struct err e = { 0 };

	if (d->searched || !probe_type_is_allowed(d->found.fstype))
		return false;
	d->searched = true;
	/* what an earlier try found; the medium on it was given up */
	umount2(PATH_CARRIER, MNT_DETACH);
	if (mount_carrier(b, d, &e) < 0) {
		boot_say(b, REPORT_WARNING, "findiso: %s", e.text);
		return false;
	}

	FD_AUTO file = open_file(b, &e);

	if (file < 0)
		umount2(PATH_CARRIER, MNT_DETACH);
	return file >= 0;
}

int findiso_attach(struct boot *b, struct err *e)
{
	const char *names[] = { b->medium.device };
	char carrier[DEVICE_NAME_MAX], name[32];

	FD_AUTO file = open_file(b, e);

	if (file < 0 || loop_load(&b->modules, e) < 0)
		return -1;

	FD_AUTO loop = loop_attach(file, b->settings.findiso, name, sizeof name, e);

	if (loop < 0)
		return -1;
	memcpy(carrier, b->medium.device, sizeof carrier);
	snprintf(b->medium.device, sizeof b->medium.device, "%s", name);
	probe_devices(names, 1, 0, clock_now_ms() + PROBE_MS, &b->medium.found);
	boot_say(b, REPORT_INFO, "findiso: %s on %s", b->settings.findiso, carrier);
	return fd_take(&loop);
}
