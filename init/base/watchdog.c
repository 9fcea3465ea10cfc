#include "watchdog.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fd.h"

#ifdef __GLIBC__
typedef unsigned long request_t;
#else
typedef int request_t; /* which these numbers do not fit, and the kernel takes all the same */
#endif

static int control(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, (request_t)request, arg);
}

/* Fills in what the device says of itself. */
static int identify(struct watchdog *w, int fd, struct err *e)
{
	struct watchdog_info info = { 0 };
	int seconds = 0, status = 0;

	if (control(fd, WDIOC_GETSUPPORT, &info) < 0)
		return err_sys(e, "not a watchdog");
	memcpy(w->name, info.identity, sizeof w->name - 1);
	w->name[sizeof w->name - 1] = '\0';
	if (control(fd, WDIOC_GETTIMEOUT, &seconds) == 0 && seconds > 0)
		w->timeout_s = (unsigned)seconds;
	w->has_fired = control(fd, WDIOC_GETBOOTSTATUS, &status) == 0 && status > 0 &&
	               (status & WDIOF_CARDRESET);
	return 0;
}

void watchdog_set_timeout(struct watchdog *w, unsigned timeout_s)
{
	int seconds = (int)timeout_s;

	/* the driver says what it made of it */
	if (control(w->fd, WDIOC_SETTIMEOUT, &seconds) == 0 && seconds > 0)
		w->timeout_s = (unsigned)seconds;
}

int watchdog_open(struct watchdog *w, const char *device, unsigned timeout_s, struct err *e)
{
	FD_AUTO fd = open(device, O_WRONLY | O_CLOEXEC);

	*w = (struct watchdog){ .fd = -1, .timeout_s = timeout_s };
	if (fd < 0 && (errno == ENOENT || errno == ENODEV || errno == ENXIO))
		return 0;
	if (fd < 0)
		return err_sys(e, "open %s", device);
	if (identify(w, fd, e) < 0)
		return err_wrap(e, "%s", device);
	w->fd = fd_take(&fd);
	watchdog_set_timeout(w, timeout_s);
	watchdog_feed(w);
	return 1;
}

int watchdog_take(struct watchdog *w, int fd, struct err *e)
{
	*w = (struct watchdog){ .fd = -1, .timeout_s = WATCHDOG_DEFAULT_S };
	if (identify(w, fd, e) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_wrap(e, "descriptor %d", fd);
	w->fd = fd;
	watchdog_feed(w);
	return 0;
}

void watchdog_feed(const struct watchdog *w)
{
	/* any byte but the magic 'V' feeds; some drivers know only one of the two ways */
	if (w->fd >= 0 && control(w->fd, WDIOC_KEEPALIVE, NULL) < 0 && write(w->fd, "", 1) < 0)
		return;
}

int watchdog_disarm(struct watchdog *w, struct err *e)
{
	int off = WDIOS_DISABLECARD;
	int result = 0;

	if (w->fd < 0)
		return 0;
	/* at once, and again by the close: not every driver knows the first */
	if (control(w->fd, WDIOC_SETOPTIONS, &off) < 0 && errno == EBUSY)
		result = err_sys(e, "stop %s", w->name);
	if (write(w->fd, "V", 1) < 0 && result == 0)
		result = err_sys(e, "stop %s", w->name);
	fd_drop(&w->fd);
	return result;
}
