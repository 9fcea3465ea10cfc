/* grub, menu: what is written for the boot loader; kernel, uki: programs for UEFI. */
#include "../../../image/grub.h"
#include "../../../image/kernel.h"
#include "../../../image/menu.h"
#include "../../../image/uki.h"
#include "../../../init/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_boot_sector_keeps_the_table_and_finds_the_rest(void **state)
{
	unsigned char boot[GRUB_SECTOR], old[GRUB_SECTOR], core[GRUB_SECTOR];

	(void)state;
	memset(boot, 0xaa, sizeof boot);
	memset(old, 0xbb, sizeof old);
	memset(core, 0xcc, sizeof core);
	grub_patch(boot, old, core, 0x0102030405);
	assert_memory_equal(boot + 0x5c, "\5\4\3\2\1\0\0\0", 8);
	assert_memory_equal(boot + 0x66, "\x90\x90", 2);
	assert_int_equal(boot[0x1b7], 0xaa);
	assert_memory_equal(boot + 0x1b8, old, 0x1fe - 0x1b8);
	assert_int_equal(boot[0x1fe], 0xaa);
	assert_memory_equal(core + 0x1f4, "\6\4\3\2\1\0\0\0", 8);
	assert_int_equal(core[0x1f3], 0xcc);
	assert_int_equal(core[0x1fc], 0xcc);
}

static const struct {
	const char *row, *cmdline, *first_line;
} lines[] = {
	{ "nothing given", "", "\tlinux /boot/vmlinuz 'root=LABEL=S'\n" },
	{ "words", "a  b=c", "\tlinux /boot/vmlinuz 'root=LABEL=S' 'a' 'b=c'\n" },
	{ "a root of its own", "a root=/dev/sda", "\tlinux /boot/vmlinuz 'a' 'root=/dev/sda'\n" },
	{ "blanks in quotes", "m=\"a b\" c", "\tlinux /boot/vmlinuz 'root=LABEL=S' 'm=a b' 'c'\n" },
	{ "what GRUB would take for its own", "n={MAC} $x;y", "'n={MAC}' '$x;y'\n" },
	{ "a quote", "it's", " 'it'\\''s'\n" },
};

static void the_menu_passes_every_word_as_it_is(void **state)
{
	struct plan p = { .label = "S" };
	char text[16384];
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		snprintf(p.cmdline, sizeof p.cmdline, "%s", lines[i].cmdline);
		assert_int_equal(menu_write(text, sizeof text, &p, false, &e), 0);
		if (!strstr(text, lines[i].first_line))
			fail_msg("%s: %s", lines[i].row, text);
		assert_null(strstr(text, "findiso"));
	}
}

static void the_menu_is_shown_where_the_console_is(void **state)
{
	struct plan p = { .label = "S", .cmdline = "console=tty0 console=ttyS1,115200n8" };
	char text[16384];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(menu_write(text, sizeof text, &p, false, &e), 0);
	assert_non_null(strstr(text, "serial --unit=1 --speed=115200\n"));
	p.cmdline[0] = '\0';
	assert_int_equal(menu_write(text, sizeof text, &p, false, &e), 0);
	assert_null(strstr(text, "serial"));
}

static void the_menu_notes_too_little_memory_where_it_knows_what_is_needed(void **state)
{
	struct plan p = { .label = "S", .memory_mib = 92 };
	char text[16384];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(menu_write(text, sizeof text, &p, false, &e), 0);
	assert_non_null(strstr(text, "\"$memory_end\" -lt 94207 "));
	assert_non_null(strstr(text, "S needs 92 MiB"));
	assert_int_equal(menu_write(text, sizeof text, &p, true, &e), 0);
	assert_null(strstr(text, "memory"));
	p.memory_mib = 0;
	assert_int_equal(menu_write(text, sizeof text, &p, false, &e), 0);
	assert_null(strstr(text, "memory"));
}

static void the_menu_of_a_file_says_which_file(void **state)
{
	struct plan p = { .label = "S" };
	char text[16384];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(menu_write(text, sizeof text, &p, true, &e), 0);
	assert_non_null(strstr(text, "'root=LABEL=S' \"findiso=${iso_path}\"\n"));
	assert_non_null(strstr(text, " failsafe \"findiso=${iso_path}\"\n"));
}

static void a_menu_that_does_not_fit_is_an_error(void **state)
{
	struct plan p = { .label = "S" };
	char text[100];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(menu_write(text, sizeof text, &p, false, &e), -1);
}

enum { PE = 0x80, OPTIONAL = PE + 24, TABLE = OPTIONAL + 240, SECTION_SIZE = TABLE + 8 };

/* The head of a program for UEFI with two sections, the second up to 0x5678. */
static void make_program(unsigned char head[1024], bool is_signed)
{
	static const struct {
		uint32_t size, address;
	} sections[] = { { 0x10, 0x1000 }, { 0x678, 0x5000 } };

	memset(head, 0, 1024);
	head[0x3c] = PE;
	memcpy(head + PE, "PE", 2);
	head[PE + 6] = 2;
	le16_put(head + PE + 20, TABLE - OPTIONAL);
	le16_put(head + OPTIONAL, 0x20b);
	le64_put(head + OPTIONAL + 24, 0x10000); /* its base */
	head[OPTIONAL + 112 + 4 * 8 + 5] = is_signed;
	for (size_t i = 0; i < 2; i++) {
		le32_put(head + TABLE + 40 * i + 8, sections[i].size);
		le32_put(head + TABLE + 40 * i + 12, sections[i].address);
	}
}

static void a_program_for_uefi_says_where_it_ends_and_whether_it_is_signed(void **state)
{
	unsigned char head[1024];
	uint64_t end = 0;

	(void)state;
	make_program(head, false);
	assert_true(uki_end(head, sizeof head, &end));
	assert_int_equal(end, 0x15678);
	le32_put(head + SECTION_SIZE, UINT32_MAX);
	assert_true(uki_end(head, sizeof head, &end));
	assert_int_equal(end, 0x10000 + 0x1000 + (uint64_t)UINT32_MAX);
	assert_false(kernel_is_signed_of(head, sizeof head));
	make_program(head, true);
	assert_true(kernel_is_signed_of(head, sizeof head));
	/* cut short anywhere it is read no further */
	for (size_t len = 0; len < 470; len++) {
		unsigned char *copy = malloc(len + 1);

		memcpy(copy, head, len);
		assert_false(uki_end(copy, len, &end));
		kernel_is_signed_of(copy, len);
		free(copy);
	}
	head[0x3c] = 0xff;
	assert_false(uki_end(head, sizeof head, &end));
	assert_false(kernel_is_signed_of(head, sizeof head));
}

static void a_certificate_lies_beside_its_key(void **state)
{
	char path[64];

	(void)state;
	uki_certificate_beside("/keys/owner.key", path, sizeof path);
	assert_string_equal(path, "/keys/owner.crt");
	uki_certificate_beside("/keys/owner", path, sizeof path);
	assert_string_equal(path, "/keys/owner.crt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_for_uefi_says_where_it_ends_and_whether_it_is_signed),
		cmocka_unit_test(a_certificate_lies_beside_its_key),
		cmocka_unit_test(the_boot_sector_keeps_the_table_and_finds_the_rest),
		cmocka_unit_test(the_menu_passes_every_word_as_it_is),
		cmocka_unit_test(the_menu_is_shown_where_the_console_is),
		cmocka_unit_test(the_menu_notes_too_little_memory_where_it_knows_what_is_needed),
		cmocka_unit_test(the_menu_of_a_file_says_which_file),
		cmocka_unit_test(a_menu_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
