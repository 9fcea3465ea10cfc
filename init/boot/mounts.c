#include "mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../base/fd.h"
#include "../base/paths.h"

static const struct {
	const char *fstype, *target;
	unsigned long flags;
	const char *options;
} api[] = {
	{ "devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755" },
	{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=0755,size=25%" },
};

int mounts_api(struct err *e)
{
	for (size_t i = 0; i < sizeof api / sizeof *api; i++) {
		mkdir(api[i].target, 0755);
		/* busy: the kernel or a loader before us has mounted it */
		if (mount(api[i].fstype, api[i].target, api[i].fstype, api[i].flags,
		          api[i].options) < 0 &&
		    errno != EBUSY)
			return err_sys(e, "mount %s", api[i].target);
	}
	return fd_mkdirs(AT_FDCWD, PATH_RUN, 0755, e);
}

static int set_up(struct libmnt_context *c, const char *source, const char *target,
                  const char *fstype, const char *options)
{
	/* no helper programs, no table of mounts of its own in /run */
	return mnt_context_disable_helpers(c, 1) || mnt_context_disable_mtab(c, 1) ||
	       mnt_context_disable_canonicalize(c, 1) || mnt_context_set_source(c, source) ||
	       mnt_context_set_target(c, target) || mnt_context_set_fstype(c, fstype) ||
	       mnt_context_set_options(c, options);
}

int mounts_mount(const char *source, const char *target, const char *fstype, const char *options,
                 struct err *e)
{
	if (fd_mkdirs(AT_FDCWD, target, 0755, e) < 0)
		return -1;

	struct libmnt_context *c = mnt_new_context();

	if (!c || set_up(c, source, target, fstype, options) != 0) {
		mnt_free_context(c);
		return err_say(e, "mount %s on %s: bad options: %s", source, target, options);
	}

	char why[200] = "";
	int result = mnt_context_mount(c);
	int failed = mnt_context_get_excode(c, result, why, sizeof why);

	if (failed || result != 0) {
		err_say(e, "mount %s on %s (%s): %s", source, target, fstype,
		        why[0] ? why : "refused");
		e->code = mnt_context_get_syscall_errno(c);
	}
	mnt_free_context(c);
	return failed || result != 0 ? -1 : 0;
}

int mounts_bind_root(const char *from, const char *to, struct err *e)
{
	if (fd_mkdirs(AT_FDCWD, to, 0755, e) < 0)
		return -1;
	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return err_sys(e, "bind %s to %s", from, to);
	if (mount(NULL, to, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
		return err_sys(e, "make %s a read-only root", to);
	return 0;
}
