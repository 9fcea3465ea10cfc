#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../../../init/base/fd.h"

static int control(unsigned long request, int argument)
{
	FD_AUTO fd = open(LOOP_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -1 : ioctl(fd, (int)request, argument);
}

int loop_attach(int image, struct err *e)
{
	return control(LOOP_SET_FD, image) < 0 ? err_sys(e, "attach " LOOP_DEVICE) : 0;
}

int loop_detach(struct err *e)
{
	/* a mount that is going away may hold it for a moment */
	for (int tries = 0; control(LOOP_CLR_FD, 0) < 0; tries++) {
		if (errno == ENXIO)
			return 0;
		if (errno != EBUSY || tries == 1000)
			return err_sys(e, "detach " LOOP_DEVICE);
		usleep(1000);
	}
	return 0;
}
