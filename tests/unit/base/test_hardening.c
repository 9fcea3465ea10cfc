/* hardening: the table that slate ships, and what a site makes of it. */
#include "../../../init/base/hardening.h"

#include "../../../init/base/fd.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct hardening h;

static const struct hardening_row *row(const char *name, enum hardening_kind kind)
{
	const struct hardening_row *found = NULL;

	for (unsigned i = 0; i < h.n; i++)
		if (strcmp(h.rows[i].name, name) == 0 && h.rows[i].kind == kind) {
			assert_null(found); /* once in a profile */
			found = &h.rows[i];
		}
	return found;
}

static void read_shipped(enum setting_harden profile)
{
	static char text[32768];
	struct err e = { 0 };
	ssize_t len = fd_read_file(AT_FDCWD, "hooks/" HARDENING_FILE, text, sizeof text, &e);

	assert_true(len > 0);
	if (hardening_read((struct span){ text, (size_t)len }, profile, &h, &e) < 0)
		fail_msg("%s", e.text);
}

static void each_setting_of_the_shipped_table_is_there_once_and_says_why(void **state)
{
	(void)state;
	for (int profile = HARDEN_HOTPLUG; profile <= HARDEN_STRICT; profile++) {
		read_shipped((enum setting_harden)profile);
		assert_true(h.n > 50);
		for (unsigned i = 0; i < h.n; i++) {
			assert_ptr_equal(row(h.rows[i].name, h.rows[i].kind), &h.rows[i]);
			assert_true(strlen(h.rows[i].why) > 10);
		}
	}
}

static void hotplug_leaves_the_door_open_for_drivers(void **state)
{
	(void)state;
	read_shipped(HARDEN_STRICT);
	assert_non_null(row("kernel.modules_disabled", HARDENING_SWITCH));
	/* what forbids to load more comes after all that may have to load some */
	assert_string_equal(h.rows[h.n - 1].name, "kernel.modules_disabled");
	read_shipped(HARDEN_HOTPLUG);
	assert_null(row("kernel.modules_disabled", HARDENING_SWITCH));
	assert_string_equal(row("lockdown", HARDENING_LOCKDOWN)->wanted, "integrity");
}

static void a_bad_line_is_named_and_the_others_are_read(void **state)
{
	static const struct {
		const char *line, *error;
	} rows[] = {
		{ "sysctl all kernel.x", "line 2: not KIND PROFILES NAME WANTED WHY" },
		{ "sysctls all kernel.x 1 y", "line 2: no such kind: sysctls" },
		{ "sysctl some kernel.x 1 y", "line 2: no such profile: some" },
		{ "sysctl all kernel/../x 1 y", "line 2: not a name of this kind: kernel/../x" },
		{ "sysctl all /etc/passwd 1 y", "line 2: not a name of this kind: /etc/passwd" },
		{ "sysctl all a..b 1 y", "line 2: not a name of this kind: a..b" },
		{ "mount all tmp nodev y", "line 2: not a name of this kind: tmp" },
	};
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e;

		snprintf(text, sizeof text, "# a comment\n%s\nboot all nosmt - alone\n", rows[i].line);
		assert_int_equal(hardening_read(span_of(text), HARDEN_STRICT, &h, &e), -1);
		assert_string_equal(e.text, rows[i].error);
		assert_int_equal(h.n, 1);
		assert_string_equal(h.rows[0].name, "nosmt");
	}
}

static void a_site_changes_and_keeps_but_not_by_a_slip(void **state)
{
	struct err e;

	(void)state;
	read_shipped(HARDEN_STRICT);
	assert_int_equal(hardening_apply_site(&h, span_of("# the browser's sandbox\n"
	                                                  "user.max_user_namespaces = 1000\n"
	                                                  "/proc=nosuid\n"
	                                                  "kernel.sysrq = keep\n"), &e), 0);
	assert_string_equal(row("user.max_user_namespaces", HARDENING_SYSCTL)->wanted, "1000");
	assert_string_equal(row("/proc", HARDENING_MOUNT)->wanted, "nosuid");
	assert_true(row("kernel.sysrq", HARDENING_SYSCTL)->kept);
	assert_false(row("/proc", HARDENING_MOUNT)->kept);
	assert_int_equal(hardening_apply_site(&h, span_of("kernel.sysrc = keep\nkernel.kptr_restrict = 1\n"),
	                                      &e), -1);
	assert_string_equal(e.text, "line 1: kernel.sysrc: not a setting of this profile");
	assert_string_equal(row("kernel.kptr_restrict", HARDENING_SYSCTL)->wanted, "1");
	/* words of the command line are for the loader */
	assert_int_equal(hardening_apply_site(&h, span_of("nosmt = keep\n"), &e), -1);
	assert_int_equal(hardening_apply_site(&h, span_of("kernel.sysrq\n"), &e), -1);
}

static void a_word_of_the_command_line_may_have_no_value(void **state)
{
	char word[140];

	(void)state;
	read_shipped(HARDEN_STRICT);
	assert_true(hardening_word(row("nosmt", HARDENING_BOOT), word, sizeof word));
	assert_string_equal(word, "nosmt");
	assert_true(hardening_word(row("lockdown", HARDENING_BOOT), word, sizeof word));
	assert_string_equal(word, "lockdown=confidentiality");
	assert_true(row("pti", HARDENING_BOOT)->early && !row("nosmt", HARDENING_BOOT)->early);
	assert_false(hardening_word(row("lockdown", HARDENING_BOOT), word, 8));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_setting_of_the_shipped_table_is_there_once_and_says_why),
		cmocka_unit_test(hotplug_leaves_the_door_open_for_drivers),
		cmocka_unit_test(a_bad_line_is_named_and_the_others_are_read),
		cmocka_unit_test(a_site_changes_and_keeps_but_not_by_a_slip),
		cmocka_unit_test(a_word_of_the_command_line_may_have_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
