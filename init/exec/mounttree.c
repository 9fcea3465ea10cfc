#include "mounttree.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/span.h"

#define BELOW 0x8000 /* AT_RECURSIVE, which not all headers have */

int mounttree_copy(const char *path, bool whole)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (whole ? BELOW : 0);

	return (int)syscall(SYS_open_tree, AT_FDCWD, path, flags);
}

static uint64_t attribute_of(struct span option)
{
	static const struct {
		char name[10];
		uint64_t attribute;
	} rows[] = {
		{ "nosuid", MOUNT_ATTR_NOSUID }, { "nodev", MOUNT_ATTR_NODEV },
		{ "noexec", MOUNT_ATTR_NOEXEC }, { "noatime", MOUNT_ATTR_NOATIME },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(option, rows[i].name))
			return rows[i].attribute;
	return 0;
}

static int configure(int fs, struct span option, uint64_t *attributes)
{
	char text[256], *value;
	uint64_t attribute = attribute_of(option);

	*attributes |= attribute;
	if (attribute || span_is(option, "rw") || span_is(option, "ro"))
		return 0;
	if (!span_copy(option, text, sizeof text)) {
		errno = EINVAL;
		return -1;
	}
	value = strchr(text, '=');
	if (!value)
		return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_FLAG, text, NULL, 0);
	*value++ = '\0';
	return (int)syscall(SYS_fsconfig, fs, FSCONFIG_SET_STRING, text, value, 0);
}

int mounttree_make(const char *type, const char *options, uint64_t attributes)
{
	FD_AUTO fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
	struct span left = span_of(options), option;

	if (fs < 0)
		return -1;
	while (span_word(&left, ",", &option))
		if (configure(fs, option, &attributes) < 0)
			return -1;
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, (unsigned)attributes);
}

int mounttree_add(int tree, uint64_t attributes, bool whole)
{
	struct mount_attr attr = { .attr_set = attributes };
	unsigned flags = AT_EMPTY_PATH | (whole ? BELOW : 0);

	if (!attributes)
		return 0;
	return (int)syscall(SYS_mount_setattr, tree, "", flags, &attr, sizeof attr);
}

int mounttree_add_root(uint64_t attributes)
{
	struct mount_attr attr = { .attr_set = attributes };

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", BELOW, &attr, sizeof attr);
}

int mounttree_attach(int tree, const char *path)
{
	return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

int mounttree_leave(void)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };

	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	/* what the machine mounts later is seen here, but not the other way round */
	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", BELOW, &slave, sizeof slave);
}
