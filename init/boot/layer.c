#include "layer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/fd.h"
#include "../base/lsm.h"
#include "../base/meminfo.h"
#include "../base/paths.h"
#include "giving.h"

#define PLAIN_TMPFS    "mode=0755,size=50%"
#define OVERLAY_LAYERS "lowerdir=" PATH_ROOT ",upperdir=" PATH_UPPER ",workdir=" PATH_WORK

/* The upper directory is what a save reads: nothing may be in it that only the
 * kernel understands. An older kernel that does not know a word gets less. */
static const char *const overlay_options[] = {
	OVERLAY_LAYERS ",redirect_dir=off,metacopy=off,index=off,nfs_export=off,xino=auto",
	OVERLAY_LAYERS ",redirect_dir=off,index=off",
	OVERLAY_LAYERS,
};

static int add(char *options, size_t size, struct span word, struct err *e)
{
	size_t used = strlen(options);
	struct span name, value;

	/* the field says inodes=, the kernel nr_inodes= */
	span_cut(word, '=', &name, &value);

	const char *alias = span_is(name, "inodes") ? "nr_" : "";
	int len = snprintf(options + used, size - used, ",%s%.*s", alias, SPAN_ARGS(word));

	if (len < 0 || (size_t)len >= size - used)
		return err_say(e, "overlay=: more than %zu characters of options", size - 1);
	return 0;
}

static int add_list(char *options, size_t size, struct span list, struct err *e)
{
	struct span word;

	while (span_word(&list, ",", &word))
		if (!span_is(word, "rw") && add(options, size, word, e) < 0)
			return -1;
	return 0;
}

int layer_options(const struct settings *s, char *options, size_t size, struct err *e)
{
	struct span type, list;

	options[0] = '\0';
	span_cut(span_of(s->overlay), ':', &type, &list);
	if (!span_is(type, "tmpfs") && !span_is(type, "yes") && type.len != 0)
		return err_say(e, "overlay=%s: only tmpfs can be on top", s->overlay);
	/* the last one wins, so that the user's beat these */
	snprintf(options, size, "%s", PLAIN_TMPFS);
	if (list.at && add_list(options, size, list, e) < 0)
		return -1;
	return add_list(options, size, span_of(s->overlay_flags), e);
}

/* SELinux's, where the image has any: an upper directory's own is that of a tmpfs. */
static void copy_label(void)
{
	char label[512];
	ssize_t len = getxattr(PATH_ROOT, "security.selinux", label, sizeof label);

	/* where it can't be set there is no SELinux in the kernel to ask for it */
	if (len > 0)
		setxattr(PATH_UPPER, "security.selinux", label, (size_t)len, 0);
}

/* The new root's top directory gets the image's mode and owner, which an
 * overlay takes from the upper one. */
static int make_upper(const struct boot *b, struct err *e)
{
	struct stat st;

	if (fstat(b->root.dir, &st) < 0)
		return err_sys(e, "stat " PATH_ROOT);
	if (mkdir(PATH_UPPER, 0755) < 0 || mkdir(PATH_WORK, 0700) < 0)
		return err_sys(e, "make the layers in " PATH_OVERLAY);
	if (chown(PATH_UPPER, st.st_uid, st.st_gid) < 0 ||
	    chmod(PATH_UPPER, st.st_mode & 07777) < 0)
		return err_sys(e, "give " PATH_UPPER " the image's owner and mode");
	copy_label();
	return 0;
}

static int try_options(struct err *e)
{
	for (size_t i = 0; i < sizeof overlay_options / sizeof *overlay_options; i++) {
		if (mount("slate", PATH_SYSROOT, "overlay", 0, overlay_options[i]) == 0)
			return 0;
		if (errno != EINVAL)
			break;
	}
	return err_sys(e, "mount an overlay on " PATH_SYSROOT);
}

static int mount_as_init(void *arg, void *out, struct err *e)
{
	(void)arg, (void)out;
	return lsm_become_init(e) < 0 ? -1 : try_options(e);
}

/* SELinux takes every file of an overlay for one that the overlay's mounter has opened: a
 * policy lets programs use the files of an init, and not the kernel's. */
static int mount_overlay(struct err *e)
{
	const struct child_limits limits = { .walls = CHILD_OPEN };
	char nothing;

	if (access(PATH_SELINUX, F_OK) < 0)
		return try_options(e);
	return child_call(mount_as_init, NULL, &nothing, sizeof nothing, &limits, e);
}

uint64_t layer_limit(uint64_t asked, uint64_t total)
{
	uint64_t most = total / 2;

	if (total > LAYER_RESERVE && total - LAYER_RESERVE > most)
		most = total - LAYER_RESERVE;
	return asked && asked <= most ? asked : most;
}

/* A full overlay must not be a machine on which nothing runs, least of all a save. */
static void keep_reserve(const struct boot *b)
{
	struct statvfs fs;
	struct meminfo m;
	struct err ignored;
	char options[40];
	uint64_t asked, limit;

	if (statvfs(PATH_OVERLAY, &fs) < 0 || meminfo_read(&m, &ignored) < 0 || m.total == 0)
		return;
	asked = (uint64_t)fs.f_blocks * fs.f_frsize;
	limit = layer_limit(asked, m.total);
	if (asked == limit)
		return;
	snprintf(options, sizeof options, "size=%" PRIu64, limit);
	if (mount(NULL, PATH_OVERLAY, NULL, MS_REMOUNT | MS_NOATIME, options) == 0)
		boot_degrade(b,
		             "overlay: limited to %" PRIu64 " MiB of the %" PRIu64
		             " MiB of memory: full with more, it would leave programs none",
		             limit >> 20, m.total >> 20);
	else
		boot_degrade(b, "overlay: limit it to %" PRIu64 " MiB: %s", limit >> 20,
		             strerror(errno));
}

static int mount_with(const struct boot *b, const char *options, struct err *e)
{
	if (mount("slate-overlay", PATH_OVERLAY, "tmpfs", MS_NOATIME, options) < 0)
		return err_sys(e, "mount a tmpfs with %s", options);
	keep_reserve(b);
	if (make_upper(b, e) == 0 && mount_overlay(e) == 0)
		return 0;
	umount2(PATH_OVERLAY, MNT_DETACH);
	return err_wrap(e, "on a tmpfs with %s", options);
}

/* Limits that the kernel refuses, or that leave no room for two directories, are a
 * mistake to tell, not a reason to have no machine. */
static int mount_layers(struct boot *b, struct err *e)
{
	char options[400];

	if (layer_options(&b->settings, options, sizeof options, e) == 0 &&
	    mount_with(b, options, e) == 0)
		return 0;
	if (strcmp(options, PLAIN_TMPFS) == 0)
		return -1;
	boot_degrade(b, "overlay: %s; %s is used", e->text, PLAIN_TMPFS);
	return mount_with(b, PLAIN_TMPFS, e);
}

static void drop(struct boot *b)
{
	fd_drop(&b->sysroot);
	if (!b->layered)
		return;
	umount2(PATH_SYSROOT, MNT_DETACH);
	umount2(PATH_OVERLAY, MNT_DETACH);
	b->layered = false;
}

int layer_make(struct boot *b, struct err *e)
{
	drop(b);
	if (modules_load_fs(&b->modules, "overlay", e) < 0)
		return -1;
	if (fd_mkdirs(AT_FDCWD, PATH_OVERLAY, 0755, e) < 0 ||
	    fd_mkdirs(AT_FDCWD, PATH_SYSROOT, 0755, e) < 0 || mount_layers(b, e) < 0)
		return -1;
	b->layered = b->fresh = true;
	giving_start(b);
	b->sysroot = open(PATH_SYSROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->sysroot < 0 ? err_sys(e, "open " PATH_SYSROOT) : 0;
}
