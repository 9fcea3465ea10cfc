#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../../init/base/fd.h"

int loop_attach(int image, struct err *e)
{
	FD_AUTO fd = open(LOOP_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, LOOP_SET_FD, image) < 0)
		return err_sys(e, "attach " LOOP_DEVICE);
	return 0;
}

int loop_hold(struct err *e)
{
	int fd;

	/* a mount that is going away may hold it for a moment */
	for (int tries = 0; (fd = open(LOOP_DEVICE, O_RDWR | O_EXCL | O_CLOEXEC)) < 0; tries++) {
		if (errno != EBUSY || tries == 1000)
			return err_sys(e, "hold " LOOP_DEVICE);
		usleep(1000);
	}
	return fd;
}

int loop_release(int held, struct err *e)
{
	FD_AUTO fd = held;

	return ioctl(fd, BLKFLSBUF, 0) < 0 ? err_sys(e, "flush " LOOP_DEVICE) : 0;
}
