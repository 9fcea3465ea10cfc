/* uevent: only a message of the kernel's form becomes an event. */
#include "../../../init/boot/uevent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* `text` with the NUL that ends the literal, as each string of a message has. */
#define BYTES(text)                                                                                \
	{                                                                                          \
		text, sizeof(text)                                                                 \
	}
#define MESSAGE(text) ((struct span)BYTES(text))

static void a_partition_is_decoded(void **state)
{
	struct uevent u;
	struct err e;
	struct span m = MESSAGE("add@/devices/pci0/block/vda/vda1\0ACTION=add\0"
	                        "DEVPATH=/devices/pci0/block/vda/vda1\0SUBSYSTEM=block\0MAJOR=254\0"
	                        "DEVNAME=vda1\0DEVTYPE=partition\0PARTN=1\0SEQNUM=7");

	(void)state;
	assert_int_equal(uevent_decode(m, &u, &e), 0);
	assert_int_equal(u.action, UEVENT_ADD);
	assert_string_equal(u.subsystem, "block");
	assert_string_equal(u.device, "vda1");
	assert_true(u.partition);
	assert_string_equal(u.modalias, "");
}

static void a_device_without_a_driver_shows_its_alias(void **state)
{
	struct uevent u;
	struct err e;
	struct span m =
		MESSAGE("add@/devices/x\0SUBSYSTEM=virtio\0MODALIAS=virtio:d00000002v00001AF4");

	(void)state;
	assert_int_equal(uevent_decode(m, &u, &e), 0);
	assert_string_equal(u.modalias, "virtio:d00000002v00001AF4");
	assert_false(u.partition);
}

static void an_unknown_action_is_no_error(void **state)
{
	struct uevent u;
	struct err e;

	(void)state;
	assert_int_equal(uevent_decode(MESSAGE("bind@/devices/x\0SUBSYSTEM=pci"), &u, &e), 0);
	assert_int_equal(u.action, UEVENT_OTHER);
}

static void what_is_not_the_kernels_form_is_refused(void **state)
{
	static const struct {
		const char *row;
		struct span message;
	} rows[] = {
		{ "nothing", { "", 0 } },
		{ "no NUL at all", { "add@/devices/x", 14 } },
		{ "udev's own header", BYTES("libudev\0SUBSYSTEM=block") },
		{ "no path behind the action", BYTES("add@\0SUBSYSTEM=block") },
		{ "a path that is not absolute", BYTES("add@devices\0SUBSYSTEM=block") },
		{ "no action", BYTES("@/devices\0SUBSYSTEM=block") },
		{ "a word without =", BYTES("add@/devices\0SUBSYSTEM") },
		{ "a last word without its NUL", { "add@/d\0SUBSYSTEM=block", 22 } },
		{ "a name that leaves /dev", BYTES("add@/d\0DEVNAME=../etc/passwd") },
		{ "an absolute name", BYTES("add@/d\0DEVNAME=/etc/passwd") },
		{ "an empty name", BYTES("add@/d\0DEVNAME=") },
		{ "a name with a newline", BYTES("add@/d\0DEVNAME=sd\na") },
		{ "a subsystem longer than any",
		  BYTES("add@/d\0SUBSYSTEM=0123456789012345678901234567890123456789") },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct uevent u;
		struct err e = { 0 };

		if (uevent_decode(rows[i].message, &u, &e) != -1 || !e.text[0])
			fail_msg("accepted: %s", rows[i].row);
	}
}

static void device_names_stay_below_dev(void **state)
{
	(void)state;
	assert_true(device_name_is_sane(span_of("vda1")));
	assert_true(device_name_is_sane(span_of("cciss/c0d0p1")));
	assert_true(device_name_is_sane(span_of("mapper/...")));
	assert_false(device_name_is_sane(span_of("..")));
	assert_false(device_name_is_sane(span_of("disk/../mem")));
	assert_false(device_name_is_sane(span_of("./vda")));
	assert_false(device_name_is_sane(span_of("vda/")));
	assert_false(device_name_is_sane(span_of("vd a")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_is_decoded),
		cmocka_unit_test(a_device_without_a_driver_shows_its_alias),
		cmocka_unit_test(an_unknown_action_is_no_error),
		cmocka_unit_test(what_is_not_the_kernels_form_is_refused),
		cmocka_unit_test(device_names_stay_below_dev),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
