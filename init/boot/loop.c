#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>

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
