#include "monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "../base/fd.h"

enum { KERNEL_GROUP = 1, QUEUE_BYTES = 16 << 20, MESSAGE_MAX = 16384 };

int monitor_open(struct err *e)
{
	FD_AUTO fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                    NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int size = QUEUE_BYTES, on = 1;

	if (fd < 0)
		return err_sys(e, "kernel events: socket");
	/* a small queue loses messages, and is then read again from /sys: no error */
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return err_sys(e, "kernel events: SO_PASSCRED");
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) < 0)
		return err_sys(e, "kernel events: bind");
	return fd_take(&fd);
}

static bool is_from_kernel(const struct sockaddr_nl *from, struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct ucred who;

	if (from->nl_pid != 0 || from->nl_groups != KERNEL_GROUP)
		return false;
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS ||
	    c->cmsg_len != CMSG_LEN(sizeof who))
		return false;
	memcpy(&who, CMSG_DATA(c), sizeof who);
	return who.uid == 0 && who.pid == 0;
}

int monitor_read(int fd, struct uevent *out, struct err *e)
{
	static char text[MESSAGE_MAX];

	for (;;) {
		union {
			struct cmsghdr align;
			char bytes[CMSG_SPACE(sizeof(struct ucred))];
		} control;
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { text, sizeof text };
		struct msghdr m = {
			.msg_name = &from,
			.msg_namelen = sizeof from,
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control.bytes,
			.msg_controllen = sizeof control.bytes,
		};
		ssize_t len = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
		struct err ignored;

		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0 && errno == EAGAIN)
			return MONITOR_NONE;
		if (len < 0 && errno == ENOBUFS)
			return MONITOR_LOST;
		if (len < 0)
			return err_sys(e, "kernel events");
		if ((m.msg_flags & MSG_TRUNC) || !is_from_kernel(&from, &m))
			continue;
		if (uevent_decode((struct span){ text, (size_t)len }, out, &ignored) == 0)
			return MONITOR_EVENT;
	}
}
