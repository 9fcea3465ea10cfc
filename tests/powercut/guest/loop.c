#include "loop.h"

#include <errno.h>
#include <fcntl.h>
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

static int clear(void)
{
	FD_AUTO fd = open(LOOP_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -1 : ioctl(fd, LOOP_CLR_FD, 0);
}

int loop_detach(struct err *e)
{
	/* a mount that is going away may hold it for a moment */
	for (int tries = 0; clear() < 0; tries++) {
		if (errno == ENXIO)
			return 0;
		if (errno != EBUSY || tries == 1000)
			return err_sys(e, "detach " LOOP_DEVICE);
		usleep(1000);
	}
	return 0;
}
