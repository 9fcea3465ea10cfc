#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/span.h"

#define PLAIN (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static const struct mount_row {
	const char *type, *at;
	unsigned long flags;
	const char *options;
	long magic;          /* of a file system that will do; 0: any mount point will */
	bool quiet;          /* a container may well be refused it */
} rows[] = {
	{ "proc", "/proc", PLAIN, NULL, PROC_SUPER_MAGIC, false },
	{ "sysfs", "/sys", PLAIN, NULL, SYSFS_MAGIC, true },
	{ "devtmpfs", "/dev", MS_NOSUID, "mode=0755", 0, true },
	{ "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=666",
	  DEVPTS_SUPER_MAGIC, true },
	{ "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777", 0, true },
	{ "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755,size=20%,nr_inodes=200k", 0, false },
	{ "cgroup2", "/sys/fs/cgroup", PLAIN, "nsdelegate,memory_recursiveprot", CGROUP2_SUPER_MAGIC,
	  true },
};

static bool is_mount_point(const char *path)
{
	struct stat here, above;
	char parent[64];

	snprintf(parent, sizeof parent, "%s/..", path);
	return stat(path, &here) == 0 && stat(parent, &above) == 0 && here.st_dev != above.st_dev;
}

static bool is_there(const struct mount_row *row)
{
	struct statfs fs;

	if (!row->magic)
		return is_mount_point(row->at);
	return statfs(row->at, &fs) == 0 && (long)fs.f_type == row->magic;
}

static void mount_row(const struct mount_row *row, const struct report *report)
{
	if (is_there(row))
		return;
	/* a container's runtime has put something else there: its business */
	if (strcmp(row->at, "/sys/fs/cgroup") == 0 && is_mount_point(row->at))
		return;
	mkdir(row->at, 0755);
	if (mount(row->type, row->at, row->type, row->flags, row->options) == 0)
		return;
	/* an older kernel knows fewer options */
	if (errno == EINVAL && mount(row->type, row->at, row->type, row->flags, NULL) == 0)
		return;
	report_say(report, row->quiet ? REPORT_INFO : REPORT_WARNING, "mount %s on %s: %s",
	           row->type, row->at, strerror(errno));
}

/* Services expect to write there; on a read-only root without an overlay it has
 * to be memory. */
static void make_tmp(const struct report *report)
{
	if (access("/tmp", W_OK) == 0 || is_mount_point("/tmp"))
		return;
	if (mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=50%") < 0)
		report_say(report, REPORT_WARNING, "mount tmpfs on /tmp: %s", strerror(errno));
}

/* What is mounted and unmounted here is so in the name spaces of services, too: a copy
 * left in one of them would hold its device. */
static void share(const struct report *report)
{
	/* a root that is no mount point, as after chroot(1), has no name spaces to follow it */
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) < 0)
		report_say(report, REPORT_INFO, "share mounts with services: %s", strerror(errno));
}

void mounts_make(const struct report *report)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		mount_row(&rows[i], report);
	make_tmp(report);
	share(report);
}

static void set_hostname(const struct report *report)
{
	char text[256], now[256] = "";
	struct err e;
	ssize_t len = fd_read_file(AT_FDCWD, "/etc/hostname", text, sizeof text, &e);
	struct span name;

	/* a name that the boot gave (ip=, DHCP) stays */
	gethostname(now, sizeof now - 1);
	if (len < 0 || (now[0] && strcmp(now, "(none)") != 0 && strcmp(now, "localhost") != 0))
		return;
	name = span_trim((struct span){ text, (size_t)len });
	if (name.len && sethostname(name.at, name.len) < 0)
		report_say(report, REPORT_WARNING, "set the host's name: %s", strerror(errno));
}

static void loopback_up(const struct report *report)
{
	struct ifreq r = { .ifr_name = "lo" };
	FD_AUTO fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0 || r.ifr_flags & IFF_UP)
		return;
	r.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		report_say(report, REPORT_WARNING, "bring lo up: %s", strerror(errno));
}

void mounts_machine(const struct report *report, bool in_container)
{
	if (!in_container) {
		set_hostname(report);
		/* to this process as SIGINT, instead of a reset at once */
		reboot(RB_DISABLE_CAD);
	}
	loopback_up(report);
}
