/* monitor: nobody but the kernel can announce a device. */
#include "../../../init/boot/monitor.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../init/base/fd.h"

static const char forged[] = "add@/devices/evil\0ACTION=add\0SUBSYSTEM=block\0DEVNAME=evil";

/* Sends `forged` to the group that the kernel speaks to. False: not allowed here. */
static bool forge(void)
{
	FD_AUTO fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl to = { .nl_family = AF_NETLINK, .nl_groups = 1 };

	return sendto(fd, forged, sizeof forged, 0, (const struct sockaddr *)&to, sizeof to) > 0;
}

static bool is_heard(int fd)
{
	struct pollfd in = { fd, POLLIN, 0 };

	return poll(&in, 1, 200) == 1;
}

static void a_forged_message_has_no_effect(void **state)
{
	struct err e = { 0 };
	struct uevent u;
	FD_AUTO fd = monitor_open(&e);
	int result;

	(void)state;
	assert_true(fd >= 0);
	if (!forge())
		skip(); /* only root may send to the group at all */
	/* it does arrive: what follows is no empty test */
	assert_true(is_heard(fd));
	while ((result = monitor_read(fd, &u, &e)) == MONITOR_EVENT)
		assert_string_not_equal(u.device, "evil");
	assert_int_equal(result, MONITOR_NONE);
}

static void reading_never_blocks(void **state)
{
	struct err e = { 0 };
	struct uevent u;
	FD_AUTO fd = monitor_open(&e);
	int result;

	(void)state;
	assert_true(fd >= 0);
	do
		result = monitor_read(fd, &u, &e);
	while (result == MONITOR_EVENT);
	assert_int_equal(result, MONITOR_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forged_message_has_no_effect),
		cmocka_unit_test(reading_never_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
