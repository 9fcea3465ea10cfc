#include "box.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../../init/base/fd.h"
#include "../../../overlay/restore/restore.h"
#include "../../../overlay/medium/medium.h"
#include "layout.h"
#include "tree.h"

static const struct {
	const char *fstype, *options;
} mount_options[] = {
	{ "vfat", "codepage=437,iocharset=cp437,utf8=1,shortname=mixed,umask=0077" },
	{ "exfat", "iocharset=utf8,umask=0077" },
};

int box_open(struct box *b, const char *device, const char *fstype, struct err *e)
{
	static const char *const dirs[] = { BOX, BOX_MEDIUM, BOX_UPPER, BOX_PRISTINE, BOX_ROOT };

	*b = (struct box){ .device = device, .fstype = fstype, .root = -1 };
	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++)
		if (mkdir(dirs[i], 0755) < 0 && errno != EEXIST)
			return err_sys(e, "mkdir %s", dirs[i]);
	return 0;
}

int box_mount(const struct box *b, struct err *e)
{
	const char *options = NULL;

	for (size_t i = 0; i < sizeof mount_options / sizeof *mount_options; i++)
		if (strcmp(mount_options[i].fstype, b->fstype) == 0)
			options = mount_options[i].options;
	if (mount(b->device, BOX_MEDIUM, b->fstype, MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
	          options) < 0)
		return err_sys(e, "mount");
	return 0;
}

int box_unmount(struct err *e)
{
	return umount(BOX_MEDIUM) < 0 ? err_sys(e, "umount") : 0;
}

static int write_until_full(const char *path, int byte, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	static char junk[262144];

	memset(junk, byte, sizeof junk);
	if (fd < 0)
		return err_sys(e, "fill: open");
	while (write(fd, junk, sizeof junk) > 0)
		;
	return errno == ENOSPC ? 0 : err_sys(e, "fill: write");
}

int box_fill(const struct box *b, int byte, struct err *e)
{
	if (box_mount(b, e) < 0)
		return -1;
	if (mount(NULL, BOX_MEDIUM, NULL, MS_REMOUNT | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
		return err_sys(e, "fill: remount");

	int result = write_until_full(BOX_MEDIUM "/filler", byte, e);

	return box_unmount(result < 0 ? &(struct err){ 0 } : e) < 0 ? -1 : result;
}

int box_change(int generation, uint64_t bytes, struct err *e)
{
	FD_AUTO upper = open(BOX_UPPER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return upper < 0 ? err_sys(e, "open " BOX_UPPER) : tree_make(upper, generation, bytes, e);
}

static int fresh_root(void *box, struct err *e)
{
	struct box *b = box;

	fd_drop(&b->root);
	umount(BOX_ROOT);
	if (mount("root", BOX_ROOT, "tmpfs", 0, NULL) < 0)
		return err_sys(e, "mount a tmpfs");
	b->root = open(BOX_ROOT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return b->root < 0 ? err_sys(e, "open " BOX_ROOT) : b->root;
}

static void degraded(void *box, const char *text)
{
	struct box *b = box;
	size_t len = strlen(b->degraded);

	snprintf(b->degraded + len, sizeof b->degraded - len, "%s; ", text);
}

static int set_writable(void *box, bool writable, struct err *e)
{
	FD_AUTO medium = open(BOX_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)box;
	return medium_set_writable(BOX_MEDIUM, medium, writable, e);
}

int box_restore(struct box *b)
{
	FD_AUTO medium = open(BOX_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	FD_AUTO pristine = open(BOX_PRISTINE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct restore_plan plan = {
		.medium = medium,
		.pristine = pristine,
		.name = BOX_NAME,
		.fresh_root = fresh_root,
		.set_writable = set_writable,
		.degraded = degraded,
		.ctx = b,
	};
	struct restore_result result;
	struct err e;

	b->degraded[0] = '\0';
	if (fresh_root(b, &e) < 0 || restore_boot(&plan, &result, &e) < 0) {
		degraded(b, e.text);
		return TREE_TORN;
	}
	return b->root < 0 ? TREE_NONE : tree_look(b->root);
}
