/* toramfile, fsuuid: how far the copy is, and what tells the medium again. */
#include "../../../overlay/medium/toramfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../overlay/medium/fsuuid.h"

static void what_is_written_is_read(void **state)
{
	char path[] = "/tmp/slate-toram-XXXXXX";
	const struct toramfile t = { .state = TORAM_HELD,
		                     .done = 5,
		                     .whole = 7,
		                     .device = "/dev/sda1",
		                     .label = "A=B",
		                     .uuid = "12-34",
		                     .fstype = "vfat",
		                     .options = "umask=0077,ro" };
	struct toramfile back;
	struct err e = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && close(fd) == 0);
	assert_int_equal(toramfile_write(path, &t, &e), 0);
	toramfile_read(path, &back);
	assert_int_equal(back.state, TORAM_HELD);
	assert_int_equal(back.done, 5);
	assert_int_equal(back.whole, 7);
	assert_string_equal(back.device, "/dev/sda1");
	assert_string_equal(back.label, "A=B");
	assert_string_equal(back.uuid, "12-34");
	assert_string_equal(back.options, "umask=0077,ro");
	assert_int_equal(unlink(path), 0);
	toramfile_read(path, &back);
	assert_int_equal(back.state, TORAM_NOTHING);
}

/* This process is there, and is no slate-toram. */
static void a_copy_whose_process_is_gone_is_lost(void **state)
{
	char path[] = "/tmp/slate-toram-XXXXXX";
	const struct toramfile t = { .state = TORAM_COPYING, .pid = getpid() };
	struct toramfile back;
	struct err e = { 0 };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && close(fd) == 0);
	assert_int_equal(toramfile_write(path, &t, &e), 0);
	toramfile_read(path, &back);
	assert_int_equal(back.state, TORAM_LOST);
	assert_int_equal(unlink(path), 0);
}

static int disk_with(const char *bytes, size_t len, off_t at, int fd)
{
	if (fd < 0)
		fd = memfd_create("disk", MFD_CLOEXEC);
	assert_true(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len);
	return fd;
}

static void a_file_system_is_told_by_its_uuid(void **state)
{
	static const char uuid[] = "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef";
	char text[FSUUID_TEXT];
	int fat = disk_with("\x55\xaa", 2, 0x1fe, -1), ext4 = disk_with("\x53\xef", 2, 0x438, -1);

	(void)state;
	disk_with("\x78\x56\x34\x12", 4, 0x43, fat);
	assert_true(fsuuid_read(fat, "vfat", text));
	assert_string_equal(text, "1234-5678");
	/* FAT16: its tables' size, and the serial number further in front */
	disk_with("\x01\x00", 2, 0x16, fat);
	disk_with("\xef\xcd\xab\x90", 4, 0x27, fat);
	assert_true(fsuuid_read(fat, "vfat", text));
	assert_string_equal(text, "90AB-CDEF");
	assert_false(fsuuid_read(fat, "ext4", text));
	assert_false(fsuuid_read(fat, "squashfs", text));
	/* cut off in the middle of it */
	assert_false(fsuuid_read(ext4, "ext4", text));
	disk_with(uuid, 16, 0x468, ext4);
	assert_true(fsuuid_read(ext4, "ext4", text));
	assert_string_equal(text, "01234567-89ab-cdef-0123-456789abcdef");
	close(fat);
	close(ext4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_copy_whose_process_is_gone_is_lost),
		cmocka_unit_test(a_file_system_is_told_by_its_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
