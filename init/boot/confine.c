#include "confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/lsm.h"
#include "../base/paths.h"
#include "stage.h"

enum { POLICY_MAX = 32 << 20 }; /* bytes of a file */

/* The kernel takes a policy in one write or not at all. */
static int write_policy(int to, const void *bytes, size_t len, struct err *e)
{
	ssize_t n = write(to, bytes, len);

	if (n < 0)
		return err_sys(e, "the kernel refuses it");
	return (size_t)n == len ? 0 : err_say(e, "the kernel took a part of it");
}

static int load(int dir, const char *name, int to, struct err *e)
{
	FD_AUTO fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *bytes;
	int result;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, "open");
	if (!S_ISREG(st.st_mode) || st.st_size > POLICY_MAX)
		return err_say(e, "not a policy");
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return err_sys(e, "read");
	result = fd_read_full(fd, bytes, (size_t)st.st_size) == st.st_size
	                 ? write_policy(to, bytes, (size_t)st.st_size, e)
	                 : err_sys(e, "read");
	free(bytes);
	return result;
}

/* Opens where a policy is written to; -1 with *e. */
static int open_kernel(struct err *e)
{
	int fd;

	if (!lsm_has_apparmor(e))
		return -1;
	if (mount("securityfs", PATH_SECURITYFS, "securityfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
	          NULL) < 0 &&
	    errno != EBUSY)
		return err_sys(e, "mount securityfs");
	fd = open(PATH_APPARMOR_LOAD, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, "open " PATH_APPARMOR_LOAD) : fd;
}

/* Each that fails is told; *e keeps the last. Returns how many were loaded, or -1. */
static int load_all(const struct boot *b, DIR *dir, int to, struct err *e)
{
	const struct dirent *entry;
	int loaded = 0, result = 0;

	while ((entry = readdir(dir))) {
		struct err why = { 0 };

		if (entry->d_name[0] == '.')
			continue;
		if (load(dirfd(dir), entry->d_name, to, &why) == 0) {
			loaded++;
			continue;
		}
		boot_say(b, REPORT_ERROR, "AppArmor profile %s: %s", entry->d_name, why.text);
		result = err_say(e, "AppArmor profile %s: %s; what names it does not start",
		                 entry->d_name, why.text);
	}
	return result < 0 ? -1 : loaded;
}

int confine_run(struct boot *b, struct err *e)
{
	DIR *dir = opendir(PATH_APPARMOR);
	int result;

	if (!dir)
		return errno == ENOENT ? STAGE_WAS_SKIPPED : err_sys(e, "open " PATH_APPARMOR);

	FD_AUTO to = open_kernel(e);

	result = to < 0 ? -1 : load_all(b, dir, to, e);
	closedir(dir);
	if (result < 0)
		return -1;
	boot_say(b, REPORT_INFO, "AppArmor: %d profiles loaded", result);
	return fd_write_file(AT_FDCWD, PATH_CONFINED, "loaded\n", strlen("loaded\n"), e);
}
