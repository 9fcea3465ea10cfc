/* rootspec: every form of root=, and which devices it means. */
#include "../../../init/boot/rootspec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_form_is_read(void **state)
{
	static const struct {
		const char *text, *value;
		enum root_kind kind;
	} rows[] = {
		{ "LABEL=SLATE", "SLATE", ROOT_LABEL },
		{ "LABEL=\"MY STICK\"", "MY STICK", ROOT_LABEL },
		{ "LABEL=a=b", "a=b", ROOT_LABEL },
		{ "UUID=12AB-34CD", "12AB-34CD", ROOT_UUID },
		{ "PARTLABEL=slate", "slate", ROOT_PARTLABEL },
		{ "PARTUUID=0fc6-1", "0fc6-1", ROOT_PARTUUID },
		{ "/dev/vda1", "vda1", ROOT_DEVICE },
		{ "/dev/cciss/c0d0p1", "cciss/c0d0p1", ROOT_DEVICE },
		{ "/dev/disk/by-label/SLATE", "SLATE", ROOT_LABEL },
		{ "/dev/disk/by-uuid/12AB-34CD", "12AB-34CD", ROOT_UUID },
		{ "/dev/disk/by-partuuid/0fc6-1", "0fc6-1", ROOT_PARTUUID },
		{ "/dev/disk/by-partlabel/slate", "slate", ROOT_PARTLABEL },
		{ "http://boot/root.squashfs", "http://boot/root.squashfs", ROOT_NETWORK },
		{ "https://boot/root.squashfs", "https://boot/root.squashfs", ROOT_NETWORK },
		{ "nfs:10.0.0.1:/srv", "10.0.0.1:/srv", ROOT_NFS },
		{ "nbd:server:slate", "server:slate", ROOT_NBD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rootspec spec;
		struct err e = { 0 };

		if (rootspec_parse(span_of(rows[i].text), &spec, &e) != 0 ||
		    spec.kind != rows[i].kind || strcmp(spec.value, rows[i].value) != 0)
			fail_msg("root=%s: kind %d, value %s, %s", rows[i].text, spec.kind,
			         spec.value, e.text);
	}
}

static void what_can_not_be_a_root_is_refused_by_name(void **state)
{
	static const char *const rows[] = {
		"",
		"SLATE",
		"LABEL=",
		"LABEL=\"\"",
		"label=SLATE",
		"/dev/",
		"/dev/../etc/passwd",
		"vda1",
		"/etc/passwd",
		"UUID",
		"8:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rootspec spec;
		struct err e = { 0 };

		if (rootspec_parse(span_of(rows[i]), &spec, &e) != -1 || !strstr(e.text, rows[i]))
			fail_msg("root=%s: accepted, or not named: %s", rows[i], e.text);
	}
}

static bool match(const char *root, const char *name, const struct probed *p)
{
	struct rootspec spec;
	struct err e;

	assert_int_equal(rootspec_parse(span_of(root), &spec, &e), 0);
	return rootspec_matches(&spec, name, p);
}

static void labels_match_to_the_byte_and_uuids_in_any_case(void **state)
{
	const struct probed p = { .label = "SLATE",
		                  .uuid = "12AB-34CD",
		                  .partlabel = "boot",
		                  .partuuid = "0fc63daf-01" };

	(void)state;
	assert_true(match("LABEL=SLATE", "vda1", &p));
	assert_false(match("LABEL=slate", "vda1", &p));
	assert_false(match("LABEL=SLATE2", "vda1", &p));
	assert_true(match("UUID=12ab-34cd", "vda1", &p));
	assert_false(match("UUID=12ab-34ce", "vda1", &p));
	assert_true(match("PARTLABEL=boot", "vda1", &p));
	assert_true(match("PARTUUID=0FC63DAF-01", "vda1", &p));
	assert_true(match("/dev/vda1", "vda1", &p));
	assert_false(match("/dev/vda", "vda1", &p));
}

static void a_device_with_nothing_on_it_matches_no_label(void **state)
{
	const struct probed nothing = { 0 };

	(void)state;
	assert_false(match("LABEL=SLATE", "vda1", &nothing));
	assert_false(match("UUID=1", "vda1", &nothing));
	assert_false(match("PARTUUID=1", "vda1", &nothing));
}

static bool concerns(const char *root, const char *name, bool partition)
{
	struct rootspec spec;
	struct err e;

	assert_int_equal(rootspec_parse(span_of(root), &spec, &e), 0);
	return rootspec_concerns(&spec, name, partition);
}

static void only_devices_that_can_match_are_probed(void **state)
{
	(void)state;
	assert_true(concerns("LABEL=SLATE", "vda", false));
	assert_true(concerns("LABEL=SLATE", "vda1", true));
	assert_true(concerns("LABEL=SLATE", "sr0", false));
	assert_false(concerns("LABEL=SLATE", "loop0", false));
	assert_false(concerns("LABEL=SLATE", "ram0", false));
	assert_false(concerns("LABEL=SLATE", "fd0", false));
	assert_false(concerns("PARTUUID=1", "vda", false));
	assert_true(concerns("PARTUUID=1", "vda1", true));
	assert_false(concerns("/dev/vda1", "vda", false));
	assert_true(concerns("/dev/fd0", "fd0", false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_read),
		cmocka_unit_test(what_can_not_be_a_root_is_refused_by_name),
		cmocka_unit_test(labels_match_to_the_byte_and_uuids_in_any_case),
		cmocka_unit_test(a_device_with_nothing_on_it_matches_no_label),
		cmocka_unit_test(only_devices_that_can_match_are_probed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
