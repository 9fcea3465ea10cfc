/* What the machine's watchdog hangs on: the device, the root, and the hand-over. */
#include "../../../init/base/fd.h"
#include "../../../init/base/watchdog.h"
#include "../../../init/super/crash.h"
#include "../../../init/super/rootcheck.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

static void no_device_is_no_watchdog(void **state)
{
	struct watchdog w;
	struct err e;

	(void)state;
	assert_int_equal(watchdog_open(&w, "/nowhere/watchdog", 20, &e), 0);
	assert_int_equal(w.fd, -1);
	watchdog_feed(&w);
	assert_int_equal(watchdog_disarm(&w, &e), 0);
}

static void what_is_no_watchdog_is_refused_and_left_alone(void **state)
{
	struct watchdog w;
	struct err e;
	FD_AUTO fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(watchdog_open(&w, "/dev/null", 20, &e), -1);
	assert_string_equal(e.text, "/dev/null: not a watchdog: Inappropriate ioctl for device");
	assert_int_equal(w.fd, -1);
	assert_int_equal(watchdog_take(&w, fd, &e), -1);
	assert_int_equal(w.fd, -1);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
}

static void what_is_handed_over_is_read_from_the_arguments(void **state)
{
	char name[] = "slate-init", dog[] = "--watchdog=7", memory[] = "--state=9", row[] = "--in-a-row=2";
	char *none[] = { name, NULL }, *all[] = { name, row, dog, memory, NULL };
	struct handed h;

	(void)state;
	crash_arguments(1, none, &h);
	assert_true(h.crashes == 0 && h.state == -1 && h.watchdog == -1);
	crash_arguments(4, all, &h);
	assert_true(h.crashes == 2 && h.state == 9 && h.watchdog == 7);
}

/* --- The root --- */

static char top[] = "/tmp/slate-rootcheck-XXXXXX";

static void put(const char *path, const char *text)
{
	char whole[300], folder[300];
	struct err e;

	snprintf(whole, sizeof whole, "%s/%s", top, path);
	snprintf(folder, sizeof folder, "%.*s", (int)(strrchr(whole, '/') - whole), whole);
	assert_int_equal(fd_mkdirs(AT_FDCWD, folder, 0755, &e), 0);
	assert_int_equal(fd_write_file(AT_FDCWD, whole, text, strlen(text), &e), 0);
}

/* A device of /sys, as the kernel links it. */
static void device(const char *number, const char *name)
{
	char link[400], target[100], folder[300];
	struct err e;

	snprintf(folder, sizeof folder, "%s/sys/block/%s", top, name);
	assert_int_equal(fd_mkdirs(AT_FDCWD, folder, 0755, &e), 0);
	snprintf(folder, sizeof folder, "%s/sys/dev/block", top);
	assert_int_equal(fd_mkdirs(AT_FDCWD, folder, 0755, &e), 0);
	snprintf(link, sizeof link, "%s/%s", folder, number);
	snprintf(target, sizeof target, "../../block/%s", name);
	assert_int_equal(symlink(target, link), 0);
}

static int make_devices(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(top));
	device("254:1", "vda1");
	put("dev/vda1", "a block");
	device("8:0", "cciss!c0d0");
	put("dev/cciss/c0d0", "a block");
	device("8:16", "sdb"); /* in /sys, but without a node */
	device("253:0", "dm-0");
	put("sys/block/dm-0/slaves/vda1/dev", "254:1\n");
	put("sys/block/dm-0/slaves/loop7/dev", "7:7\n");
	device("253:1", "dm-1");
	put("sys/block/dm-1/slaves/sdb/dev", "8:16\n");
	device("7:7", "loop7");
	put("sys/block/loop7/loop/backing_file", "/nowhere/any/more\n");
	device("253:2", "dm-2"); /* of itself, which the kernel forbids */
	put("sys/block/dm-2/slaves/dm-2/dev", "253:2\n");
	return 0;
}

static int remove_devices(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", top);
	return system(command);
}

static void the_root_is_followed_to_its_devices(void **state)
{
	static const struct {
		unsigned major, minor;
		int result;
	} rows[] = {
		{ 0, 42, 0 },        /* a tmpfs */
		{ 254, 1, 0 },
		{ 8, 0, 0 },         /* a name with a folder */
		{ 8, 16, ENOENT },
		{ 8, 32, ENODEV },   /* pulled out */
		{ 253, 0, 0 },       /* two devices, one of them a file of a medium let go */
		{ 253, 1, ENOENT },  /* what it is made of counts */
		{ 253, 2, 0 },       /* ends */
	};
	char sys[100], dev[100];
	const struct rootcheck_places p = { sys, dev };

	(void)state;
	snprintf(sys, sizeof sys, "%s/sys", top);
	snprintf(dev, sizeof dev, "%s/dev", top);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(rootcheck_device(&p, makedev(rows[i].major, rows[i].minor)), rows[i].result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_device_is_no_watchdog),
		cmocka_unit_test(what_is_no_watchdog_is_refused_and_left_alone),
		cmocka_unit_test(what_is_handed_over_is_read_from_the_arguments),
		cmocka_unit_test_setup_teardown(the_root_is_followed_to_its_devices, make_devices,
		                                remove_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
