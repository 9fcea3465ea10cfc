/* grub, menu: what is written for the boot loader. */
#include "../../../image/grub.h"
#include "../../../image/menu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_boot_sector_keeps_the_table_and_finds_the_rest),
		cmocka_unit_test(the_menu_passes_every_word_as_it_is),
		cmocka_unit_test(the_menu_is_shown_where_the_console_is),
		cmocka_unit_test(the_menu_of_a_file_says_which_file),
		cmocka_unit_test(a_menu_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
