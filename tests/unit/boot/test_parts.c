/* The pure parts of a boot: images, names, aliases, overlay options, policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../../init/base/bytes.h"
#include "../../../init/boot/aliases.h"
#include "../../../init/boot/firmware.h"
#include "../../../init/boot/image.h"
#include "../../../init/boot/layer.h"
#include "../../../init/boot/machine.h"
#include "../../../init/boot/rescue.h"

static void a_squashfs_is_known_and_a_cut_one_refused(void **state)
{
	char head[96] = "hsqs";
	const char *fstype = NULL;
	struct err e = { 0 };

	(void)state;
	le64_put(head + 40, 5000);
	assert_int_equal(image_decode((struct span){ head, 96 }, 8192, &fstype, &e), 0);
	assert_string_equal(fstype, "squashfs");
	assert_int_equal(image_decode((struct span){ head, 96 }, 4999, &fstype, &e), -1);
	assert_string_equal(e.text, "is cut short: 4999 of 5000 bytes are there");
	assert_int_equal(image_decode((struct span){ head, 95 }, 8192, &fstype, &e), -1);
}

static void an_erofs_is_known_and_a_cut_or_strange_one_refused(void **state)
{
	char head[IMAGE_HEAD] = { 0 };
	const struct span all = { head, sizeof head };
	const char *fstype = NULL;
	struct err e = { 0 };

	(void)state;
	le32_put(head + 1024, 0xe0f5e1e2);
	head[1024 + 12] = 12;
	le32_put(head + 1024 + 36, 10);
	assert_int_equal(image_decode(all, 40960, &fstype, &e), 0);
	assert_string_equal(fstype, "erofs");
	assert_int_equal(image_decode(all, 40959, &fstype, &e), -1);
	le32_put(head + 1024 + 36, 1 << 20);
	assert_int_equal(image_decode(all, UINT32_MAX, &fstype, &e), -1);
	head[1024 + 12] = 40;
	assert_int_equal(image_decode(all, UINT64_MAX, &fstype, &e), -1);
	assert_int_equal(image_decode((struct span){ head, 1024 }, 40960, &fstype, &e), -1);
	memset(head, 0, sizeof head);
	assert_int_equal(image_decode(all, 40960, &fstype, &e), -1);
	assert_string_equal(e.text, "is neither squashfs nor erofs");
}

static void several_images_are_listed_lowest_first(void **state)
{
	struct image images[BOOT_IMAGES_MAX];
	struct err e = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(
		image_list_parse(span_of("slate/a.squashfs:/slate/b.erofs"), images, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_string_equal(images[0].path, "slate/a.squashfs");
	assert_string_equal(images[1].path, "slate/b.erofs");
	assert_int_equal(image_list_parse(span_of("a:../b"), images, &n, &e), -1);
	assert_int_equal(image_list_parse(span_of("/"), images, &n, &e), -1);
	assert_int_equal(image_list_parse(span_of(":"), images, &n, &e), -1);
	assert_int_equal(
		image_list_parse(span_of("a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a:a"), images, &n, &e), -1);
}

static void names_are_filled_in_and_stay_file_names(void **state)
{
	const struct machine m = { .mac = "52-54-00-12-34-56", .uuid = "ab-cd", .serial = "S/N 7" };
	static const struct {
		const char *pattern, *name;
	} rows[] = {
		{ "default", "default" },
		{ "{MAC}", "52-54-00-12-34-56" },
		{ "room-{UUID}-{SERIAL}", "room-ab-cd-S-N-7" },
		{ "a/b", "a-b" },
		{ "open{", "open-" },
		{ "..", NULL },
		{ "", NULL },
		{ "{HOST}", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char name[64] = "";
		struct err e = { 0 };
		int result = machine_fill(&m, rows[i].pattern, name, sizeof name, &e);

		if (result != (rows[i].name ? 0 : -1) ||
		    (rows[i].name && strcmp(name, rows[i].name)))
			fail_msg("%s: %d, %s, %s", rows[i].pattern, result, name, e.text);
	}
}

static void a_name_that_this_machine_can_not_have_is_an_error(void **state)
{
	const struct machine none = { 0 };
	char name[8];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(machine_fill(&none, "{SERIAL}", name, sizeof name, &e), -1);
	assert_string_equal(e.text, "slate.name=: this machine shows no {SERIAL}");
	assert_int_equal(machine_fill(&none, "12345678", name, sizeof name, &e), -1);
}

static void storage_is_loaded_first_and_network_only_when_asked_for(void **state)
{
	static struct aliases a;

	(void)state;
	aliases_add(&a, "usb:v1d6Bp0002d0601dc09dsc00dp01ic09isc00ip00in00");
	aliases_add(&a, "pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00");
	aliases_add(&a, "acpi:PNP0303:");
	aliases_add(&a, "pci:v00008086d00007010sv00001AF4sd00001100bc01sc01i80");
	aliases_add(&a, "pci:v00001AF4d00001001sv00001AF4sd00000002bc01sc00i00");
	aliases_add(&a, "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
	aliases_add(&a, "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
	assert_int_equal(a.n, 6);
	assert_non_null(strstr(aliases_take(&a, RANK_OTHER), "pci:v00001AF4d00001001"));
	assert_string_equal(aliases_take(&a, RANK_OTHER),
	                    "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
	assert_non_null(strstr(aliases_take(&a, RANK_OTHER), "bc01sc01"));
	assert_non_null(strstr(aliases_take(&a, RANK_OTHER), "usb:"));
	assert_string_equal(aliases_take(&a, RANK_OTHER), "acpi:PNP0303:");
	assert_null(aliases_take(&a, RANK_OTHER));
	assert_non_null(strstr(aliases_take(&a, RANK_NETWORK), "bc02"));
	/* what was taken once is not loaded again */
	aliases_add(&a, "acpi:PNP0303:");
	assert_null(aliases_take(&a, RANK_NETWORK));
}

static void more_aliases_than_room_are_counted(void **state)
{
	static struct aliases a;
	char text[32];

	(void)state;
	for (int i = 0; i < ALIASES_MAX + 3; i++) {
		snprintf(text, sizeof text, "pci:v%d", i);
		aliases_add(&a, text);
	}
	assert_int_equal(a.n, ALIASES_MAX);
	assert_int_equal(a.dropped, 3);
}

static void overlay_options_reach_the_tmpfs(void **state)
{
	static const struct {
		const char *overlay, *flags, *options;
	} rows[] = {
		{ "tmpfs", "", "mode=0755,size=50%" },
		{ "yes", "", "mode=0755,size=50%" },
		{ "tmpfs:size=25%,inodes=1000", "", "mode=0755,size=50%,size=25%,nr_inodes=1000" },
		{ "tmpfs:size=1g", "rw,size=2g", "mode=0755,size=50%,size=1g,size=2g" },
		{ "disk", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct settings s;
		char options[200] = "";
		struct err e = { 0 };

		settings_default(&s);
		strcpy(s.overlay, rows[i].overlay);
		strcpy(s.overlay_flags, rows[i].flags);

		int result = layer_options(&s, options, sizeof options, &e);

		if (result != (rows[i].options ? 0 : -1) ||
		    (rows[i].options && strcmp(options, rows[i].options)))
			fail_msg("overlay=%s: %s %s", rows[i].overlay, options, e.text);
	}
}

static void the_shell_depends_on_keys_and_passwords(void **state)
{
	static const struct {
		int setting;
		bool key;
		enum root_password password;
		enum setting_shell shell;
	} rows[] = {
		{ SHELL_UNSET, false, PASSWORD_UNKNOWN, SHELL_ROOT },
		{ SHELL_UNSET, false, PASSWORD_EMPTY, SHELL_ROOT },
		{ SHELL_UNSET, false, PASSWORD_LOCKED, SHELL_ROOT },
		{ SHELL_UNSET, false, PASSWORD_SET, SHELL_LOGIN },
		{ SHELL_UNSET, true, PASSWORD_UNKNOWN, SHELL_NO },
		{ SHELL_UNSET, true, PASSWORD_SET, SHELL_NO },
		{ SHELL_NO, false, PASSWORD_EMPTY, SHELL_NO },
		{ SHELL_LOGIN, true, PASSWORD_SET, SHELL_LOGIN },
		{ SHELL_LOGIN, false, PASSWORD_LOCKED, SHELL_NO },
		{ SHELL_LOGIN, false, PASSWORD_UNKNOWN, SHELL_NO },
		{ SHELL_LOGIN, false, PASSWORD_EMPTY, SHELL_ROOT },
		{ SHELL_ROOT, true, PASSWORD_SET, SHELL_ROOT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rescue_policy(rows[i].setting, rows[i].key, rows[i].password) != rows[i].shell)
			fail_msg("row %zu", i);
}

static void the_root_password_is_found_in_a_shadow_file(void **state)
{
	struct span hash = { 0 };

	(void)state;
	assert_int_equal(rescue_password(span_of("a:x:1\nroot:$6$s$h:19000:0:::::\n"), &hash),
	                 PASSWORD_SET);
	assert_true(span_is(hash, "$6$s$h"));
	assert_int_equal(rescue_password(span_of("root::19000"), &hash), PASSWORD_EMPTY);
	assert_int_equal(rescue_password(span_of("root:!$6$x:1"), &hash), PASSWORD_LOCKED);
	assert_int_equal(rescue_password(span_of("root:*:1"), &hash), PASSWORD_LOCKED);
	assert_int_equal(rescue_password(span_of("rooty:$6$x:1\nroot"), &hash), PASSWORD_UNKNOWN);
	assert_int_equal(rescue_password(span_of(""), &hash), PASSWORD_UNKNOWN);
}

static void the_firmware_names_a_partition_or_a_disk(void **state)
{
	static const char variable[] = "\6\0\0\0A\0B\0-\0001\0\0";
	char text[16];

	(void)state;
	assert_true(firmware_decode_variable((struct span){ variable, 14 }, text, sizeof text));
	assert_string_equal(text, "AB-1");
	assert_false(firmware_decode_variable((struct span){ variable, 13 }, text, sizeof text));
	assert_false(firmware_decode_variable((struct span){ variable, 3 }, text, sizeof text));
	assert_false(firmware_decode_variable((struct span){ variable, 14 }, text, 4));
	assert_true(firmware_is_partition("AB-1", "ab-1"));
	assert_false(firmware_is_partition("", ""));
	assert_true(firmware_is_partition("1a2b3c4d", "1A2B3C4D-02"));
	assert_false(firmware_is_partition("1a2b3c4d", "1a2b3c4d-0000-0000-0000-000000000000"));
}

static void module_names_are_the_same_with_dashes_and_underscores(void **state)
{
	(void)state;
	assert_true(modules_name_is_listed("floppy,usb-storage", "usb_storage"));
	assert_false(modules_name_is_listed("usb", "usb_storage"));
	assert_false(modules_name_is_listed("", "usb_storage"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_squashfs_is_known_and_a_cut_one_refused),
		cmocka_unit_test(an_erofs_is_known_and_a_cut_or_strange_one_refused),
		cmocka_unit_test(several_images_are_listed_lowest_first),
		cmocka_unit_test(names_are_filled_in_and_stay_file_names),
		cmocka_unit_test(a_name_that_this_machine_can_not_have_is_an_error),
		cmocka_unit_test(storage_is_loaded_first_and_network_only_when_asked_for),
		cmocka_unit_test(more_aliases_than_room_are_counted),
		cmocka_unit_test(overlay_options_reach_the_tmpfs),
		cmocka_unit_test(the_shell_depends_on_keys_and_passwords),
		cmocka_unit_test(the_root_password_is_found_in_a_shadow_file),
		cmocka_unit_test(the_firmware_names_a_partition_or_a_disk),
		cmocka_unit_test(module_names_are_the_same_with_dashes_and_underscores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
