#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"

int loop_load(struct modules *m, struct err *e)
{
	/* one device at first and more when they are asked for, instead of eight */
	return modules_load(m, "loop", "max_loop=1", e);
}

int loop_attach(int file, const char *label, char *name, size_t size, struct err *e)
{
	FD_AUTO control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	struct loop_config config = {
		.fd = (unsigned)file,
		.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR,
	};

	if (control < 0)
		return err_sys(e, "open /dev/loop-control");
	snprintf((char *)config.info.lo_file_name, sizeof config.info.lo_file_name, "%.60s", label);

	/* the free device may be taken by another before it is configured */
	for (int tries = 0; tries < 16; tries++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);
		char path[32];

		if (number < 0)
			return err_sys(e, "no free loop device");
		snprintf(path, sizeof path, "/dev/loop%d", number);
		snprintf(name, size, "loop%d", number);

		FD_AUTO device = open(path, O_RDONLY | O_CLOEXEC);

		if (device < 0)
			return err_sys(e, "open %s", path);
		if (ioctl(device, LOOP_CONFIGURE, &config) == 0)
			return fd_take(&device);
		if (errno != EBUSY)
			return err_sys(e, "attach %s to %s", label, path);
	}
	return err_say(e, "every free loop device was taken by another");
}

/* The ioctl's answer alone would not say that the device reads from the new file. */
static int check_file(int device, int file, struct err *e)
{
	struct loop_info64 info;
	struct stat st;

	if (ioctl(device, LOOP_GET_STATUS64, &info) < 0 || fstat(file, &st) < 0)
		return err_sys(e, "ask the loop device for its file");
	return info.lo_inode == st.st_ino ? 0 : err_say(e, "the loop device kept its file");
}

static int change(int device, int file, struct err *e)
{
	if (ioctl(device, LOOP_CHANGE_FD, file) < 0)
		return err_sys(e, "put another file under the loop device");
	return check_file(device, file, e);
}

int loop_change(const char *name, int file, struct err *e)
{
	char path[48];

	snprintf(path, sizeof path, "/dev/%s", name);

	FD_AUTO device = open(path, O_RDONLY | O_CLOEXEC);

	if (device < 0)
		return err_sys(e, "open %s", path);
	return change(device, file, e) < 0 ? err_wrap(e, "%s", name) : 0;
}

enum { SCRATCH = 4096 };

/* A file in memory, all of one byte. */
static int make_scratch(char fill, struct err *e)
{
	FD_AUTO fd = memfd_create("slate-probe", MFD_CLOEXEC);
	char bytes[SCRATCH];

	memset(bytes, fill, sizeof bytes);
	if (fd < 0 || fd_write_full(fd, bytes, sizeof bytes) < 0)
		return err_sys(e, "make a file in memory");
	return fd_take(&fd);
}

static int read_first(int device, char *byte, struct err *e)
{
	return pread(device, byte, 1, 0) == 1 ? 0 : err_sys(e, "read a scratch loop device");
}

int loop_probe_change(struct err *e)
{
	FD_AUTO first = make_scratch('1', e);
	FD_AUTO second = first < 0 ? -1 : make_scratch('2', e);
	char name[32], byte;

	if (second < 0)
		return -1;

	FD_AUTO device = loop_attach(first, "slate-probe", name, sizeof name, e);

	/* the read before fills the device's cache, which has to be dropped */
	if (device < 0 || read_first(device, &byte, e) < 0 || change(device, second, e) < 0 ||
	    read_first(device, &byte, e) < 0)
		return -1;
	return byte == '2' ? 0 : err_say(e, "a loop device still reads from its old file");
}
