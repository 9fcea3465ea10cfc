/* secrets: the forms of slate.key=. */
#include "../../../init/boot/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void a_device_and_a_path_are_told_apart(void **state)
{
	static const struct {
		const char *text, *device, *path; /* NULL: refused */
	} rows[] = {
		{ "LABEL=KEYS:device.key", "LABEL=KEYS", "device.key" },
		{ "/dev/vdb:/keys/17", "/dev/vdb", "keys/17" },
		{ "UUID=1A:B:k", "UUID=1A:B", "k" },
		{ "/dev/disk/by-path/pci-0000:00:1f.2:k", "/dev/disk/by-path/pci-0000:00:1f.2",
		  "k" },
		{ "device.key", NULL, NULL },
		{ ":device.key", NULL, NULL },
		{ "LABEL=KEYS:", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct span device, path;
		struct err e = { 0 };
		int result = secrets_split(rows[i].text, &device, &path, &e);

		assert_int_equal(result, rows[i].device ? 0 : -1);
		if (result == 0 &&
		    (!span_is(device, rows[i].device) || !span_is(path, rows[i].path)))
			fail_msg("%s: %.*s, %.*s", rows[i].text, SPAN_ARGS(device),
			         SPAN_ARGS(path));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_device_and_a_path_are_told_apart) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
