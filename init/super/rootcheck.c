#include "rootcheck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"

enum { DEPTH_MAX = 8, BLOCK = 4096, IMAGES_MAX = 16 };

static int check(const struct rootcheck_places *p, dev_t device, int depth);

/* `root`: whose root `path` starts at; -1: the machine's. */
static int open_file(int root, const char *path, int flags)
{
	flags |= O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	return root < 0 ? open(path, flags) : fd_open_in_root(root, path, flags, 0);
}

/* One block, from the medium itself. Another one each time would wear nothing less. */
static int read_block(int root, const char *path)
{
	_Alignas(BLOCK) char block[BLOCK];
	FD_AUTO fd = open_file(root, path, O_DIRECT);

	if (fd < 0 && errno == EINVAL)
		fd = open_file(root, path, 0);
	if (fd < 0)
		return errno;
	/* not everything reads past the cache, whatever it was opened with */
	posix_fadvise(fd, 0, sizeof block, POSIX_FADV_DONTNEED);
	return pread(fd, block, sizeof block, 0) < 0 ? errno : 0;
}

struct mounted {
	unsigned major, minor; /* 0 as major: no device is behind it, or several */
	char fstype[32];
};

/* The line of /proc/self/mountinfo that begins with the number `id`. */
static int find_line(unsigned long id, struct mounted *out)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	char line[4096];
	unsigned long found = 0;
	int result = ENOENT;

	if (!f)
		return errno;
	while (result == ENOENT && fgets(line, sizeof line, f)) {
		const char *type = strstr(line, " - ");

		if (sscanf(line, "%lu %*u %u:%u ", &found, &out->major, &out->minor) == 3 &&
		    found == id && type && sscanf(type, " - %31s", out->fstype) == 1)
			result = 0;
	}
	fclose(f);
	return result;
}

/* What `path` is on. The kernel alone is asked: a stat may wait for a server. */
static int find_mount(const char *path, struct mounted *out)
{
	FD_AUTO fd = open(path, O_PATH | O_CLOEXEC);
	char name[48], text[512];
	unsigned long id;
	struct err ignored;

	if (fd < 0)
		return errno;
	snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
	if (fd_read_file(AT_FDCWD, name, text, sizeof text, &ignored) < 0)
		return ENOENT;

	const char *at = strstr(text, "mnt_id:");

	return at && sscanf(at, "mnt_id: %lu", &id) == 1 ? find_line(id, out) : ENOENT;
}

/* btrfs has devices, but none that is the file system's own: one may be there without
 * another. It is to give a block of a file. */
static bool is_btrfs(const struct mounted *m)
{
	return strcmp(m->fstype, "btrfs") == 0;
}

/* Some file that a root has, with more than fits in where btrfs keeps its names. */
static int check_tree(const char *root)
{
	static const char *const likely[] = { "usr/lib/systemd/systemd", "bin/busybox", "bin/sh",
		                              "usr/bin/sh", "sbin/init" };
	FD_AUTO dir = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return errno;
	for (size_t i = 0; i < sizeof likely / sizeof *likely; i++) {
		int result = read_block(dir, likely[i]);

		if (!fd_is_absent(result))
			return result;
	}
	return 0;
}

/* The file that a loop device shows. 0 also where it is not to be found any more. */
static int check_file(const struct rootcheck_places *p, const char *at, int depth)
{
	char path[512], name[512];
	struct mounted m;
	struct err ignored;
	ssize_t len;

	snprintf(path, sizeof path, "%s/loop/backing_file", at);
	len = fd_read_file(AT_FDCWD, path, name, sizeof name, &ignored);
	if (len <= 0)
		return 0;
	name[strcspn(name, "\n")] = '\0';

	int result = find_mount(name, &m);

	if (result)
		return fd_is_absent(result) ? 0 : result;
	return is_btrfs(&m) ? read_block(-1, name) : check(p, makedev(m.major, m.minor), depth);
}

/* What a mapped device is made of. *n: how many there are. */
static int check_parts(const struct rootcheck_places *p, const char *at, int depth, int *n)
{
	char path[512], text[32];
	unsigned major_number, minor_number;
	struct err ignored;
	int result = 0;

	*n = 0;
	snprintf(path, sizeof path, "%s/slaves", at);

	DIR *d = opendir(path);

	if (!d)
		return 0;
	for (struct dirent *entry; result == 0 && (entry = readdir(d));) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/slaves/%.200s/dev", at, entry->d_name);
		if (fd_read_file(AT_FDCWD, path, text, sizeof text, &ignored) < 0 ||
		    sscanf(text, "%u:%u", &major_number, &minor_number) != 2)
			continue;
		(*n)++;
		result = check(p, makedev(major_number, minor_number), depth);
	}
	closedir(d);
	return result;
}

static int check_node(const struct rootcheck_places *p, const char *at)
{
	char target[512], path[600];
	ssize_t len = readlink(at, target, sizeof target - 1);

	if (len < 0)
		return ENODEV;
	target[len] = '\0';

	const char *slash = strrchr(target, '/');

	snprintf(path, sizeof path, "%s/%s", p->dev, slash ? slash + 1 : target);
	/* /dev/cciss/c0d0 is cciss!c0d0 in /sys */
	for (char *c = path; *c; c++)
		if (*c == '!')
			*c = '/';
	return read_block(-1, path);
}

static int check(const struct rootcheck_places *p, dev_t device, int depth)
{
	char at[300], path[400];
	int parts;

	if (major(device) == 0 || depth == DEPTH_MAX)
		return 0;
	snprintf(at, sizeof at, "%s/dev/block/%u:%u", p->sys, major(device), minor(device));
	if (access(at, F_OK) < 0)
		return ENODEV;
	snprintf(path, sizeof path, "%s/loop/backing_file", at);
	if (access(path, F_OK) == 0)
		return check_file(p, at, depth + 1);

	int result = check_parts(p, at, depth + 1, &parts);

	return parts || result ? result : check_node(p, at);
}

int rootcheck_device(const struct rootcheck_places *p, dev_t device)
{
	return check(p, device, 0);
}

/* 0 also where there is no such part. */
static int check_part(const char *path)
{
	static const struct rootcheck_places places = { "/sys", "/dev" };
	struct mounted m;
	int result = find_mount(path, &m);

	if (result)
		return fd_is_absent(result) ? 0 : result;
	return is_btrfs(&m) ? check_tree(path)
	                    : rootcheck_device(&places, makedev(m.major, m.minor));
}

int rootcheck_run(void)
{
	char path[64];
	int result = check_part("/");

	if (result == 0)
		result = check_part(PATH_ROOT);
	for (int i = 0; i < IMAGES_MAX && result == 0; i++) {
		snprintf(path, sizeof path, PATH_RUN "/images/%d", i);
		result = check_part(path);
	}
	return result;
}
