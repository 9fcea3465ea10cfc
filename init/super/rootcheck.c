#include "rootcheck.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"

enum { DEPTH_MAX = 8, BLOCK = 4096, IMAGES_MAX = 16 };

static int check(const struct rootcheck_places *p, dev_t device, int depth);

/* One block, from the medium itself. Another one each time would wear nothing less. */
static int read_block(const char *path)
{
	_Alignas(BLOCK) char block[BLOCK];
	FD_AUTO fd = open(path, O_RDONLY | O_DIRECT | O_CLOEXEC | O_NONBLOCK);

	/* not every driver reads past the cache: then the cache has to go first */
	if (fd < 0 && errno == EINVAL) {
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			posix_fadvise(fd, 0, sizeof block, POSIX_FADV_DONTNEED);
	}
	if (fd < 0 || pread(fd, block, sizeof block, 0) < 0)
		return errno;
	return 0;
}

/* The file that a loop device shows. 0 also where it is not to be found any more. */
static int check_file(const struct rootcheck_places *p, const char *at, int depth)
{
	char path[512], name[512];
	struct stat st;
	struct err ignored;
	ssize_t len;

	snprintf(path, sizeof path, "%s/loop/backing_file", at);
	len = fd_read_file(AT_FDCWD, path, name, sizeof name, &ignored);
	if (len <= 0)
		return 0;
	name[strcspn(name, "\n")] = '\0';
	return stat(name, &st) < 0 ? 0 : check(p, st.st_dev, depth);
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
	return read_block(path);
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

int rootcheck_run(void)
{
	static const struct rootcheck_places places = { "/sys", "/dev" };
	char path[64];
	struct stat st;
	int result = 0;

	if (stat("/", &st) < 0)
		return errno;
	result = rootcheck_device(&places, st.st_dev);
	if (result == 0 && stat(PATH_ROOT, &st) == 0)
		result = rootcheck_device(&places, st.st_dev);
	for (int i = 0; i < IMAGES_MAX && result == 0; i++) {
		snprintf(path, sizeof path, PATH_RUN "/images/%d", i);
		if (stat(path, &st) < 0)
			break;
		result = rootcheck_device(&places, st.st_dev);
	}
	return result;
}
