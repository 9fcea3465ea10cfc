/* settings: the kernel command line and slate.conf. */
#include "../../../init/base/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct told {
	int n;
	char last[600];
};

static void remember(void *ctx, const char *text)
{
	struct told *told = ctx;

	told->n++;
	snprintf(told->last, sizeof told->last, "%s", text);
}

static struct settings parsed(enum settings_source source, const char *text, struct told *told)
{
	struct settings s;
	struct settings_warn warn = { remember, told };

	*told = (struct told){ 0 };
	settings_default(&s);

	int result = settings_apply(&s, source, span_of(text), &warn);

	assert_int_equal(result, told->n);
	return s;
}

static void an_empty_command_line_boots_the_default_medium(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE, "", &told);

	(void)state;
	assert_string_equal(s.root, "LABEL=SLATE");
	assert_string_equal(s.name, "default");
	assert_int_equal(s.rootwait_s, 30);
	assert_int_equal(told.n, 0);
}

static void values_with_equal_signs_quotes_and_aliases_are_read(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE,
	                           "quiet root=UUID=12-34 usbdelay=7 init_args=\"a b\" copytoram "
	                           "overlaytmpfs overlaytmpfsflags=size=10M s console=ttyS0\n",
	                           &told);

	(void)state;
	assert_string_equal(s.root, "UUID=12-34");
	assert_int_equal(s.rootwait_s, 7);
	assert_string_equal(s.init_args, "a b");
	assert_int_equal(s.toram, TORAM_FULL);
	assert_string_equal(s.overlay, "tmpfs");
	assert_string_equal(s.overlay_flags, "size=10M");
	assert_true(s.quiet && s.single);
	assert_int_equal(told.n, 0);
}

static void the_last_one_wins_and_what_follows_two_dashes_is_for_init(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE, "rootwait=1 rootwait=2 -- rootwait=3", &told);

	(void)state;
	assert_int_equal(s.rootwait_s, 2);
}

static void a_number_that_may_be_none_can_be_no(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE, "slate.watchdog=no slate.critical=kiosk.service", &told);

	(void)state;
	assert_int_equal(told.n, 0);
	assert_int_equal(s.watchdog_s, 0);
	assert_string_equal(s.critical, "kiosk.service");
	s = parsed(SETTINGS_CMDLINE, "slate.generation=no slate.watchdog=601", &told);
	assert_int_equal(told.n, 2);
	assert_int_equal(s.watchdog_s, 20);
}

static void a_bad_word_is_told_and_the_rest_is_read(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE, "rootwait=soon root=/dev/sdb1", &told);

	(void)state;
	assert_int_equal(told.n, 1);
	assert_string_equal(told.last, "rootwait: not a number from 0 to 86400: soon");
	assert_string_equal(s.root, "/dev/sdb1");
}

static void only_unknown_words_of_ours_are_told(void **state)
{
	struct told told;

	(void)state;
	parsed(SETTINGS_CMDLINE, "BOOT_IMAGE=/vmlinuz mitigations=off slate.nmae=x", &told);
	assert_int_equal(told.n, 1);
	assert_string_equal(told.last, "slate.nmae: not an option of slate, ignored");
}

static void failsafe_neither_restores_nor_saves(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE, "failsafe", &told);

	(void)state;
	assert_true(s.failsafe && s.norestore && s.nosave);
}

static void a_file_has_comments_blanks_and_values_with_spaces(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_IMAGE,
	                           "# what this machine is\n\n  slate.name = shop-17 \n"
	                           "init_args = --a  --b\ninit=\"/sbin/my init\"\r\n",
	                           &told);

	(void)state;
	assert_int_equal(told.n, 0);
	assert_string_equal(s.name, "shop-17");
	assert_string_equal(s.init_args, "--a  --b");
	assert_string_equal(s.init, "/sbin/my init");
}

static void a_medium_can_raise_but_not_lower_protection(void **state)
{
	struct told told = { 0 };
	struct settings_warn warn = { remember, &told };
	struct settings s;

	(void)state;
	settings_default(&s);
	s.verify = VERIFY_IF_SIGNED;
	s.shell = SHELL_NO;
	s.harden = HARDEN_HOTPLUG;
	settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.verify=no\nslate.shell=root\nslate.harden=no\n"),
	               &warn);
	assert_int_equal(told.n, 3);
	assert_int_equal(s.harden, HARDEN_HOTPLUG);
	assert_int_equal(s.verify, VERIFY_IF_SIGNED);
	assert_int_equal(s.shell, SHELL_NO);
	settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.verify=require\nslate.harden=strict\n"), &warn);
	assert_int_equal(told.n, 3);
	assert_int_equal(s.harden, HARDEN_STRICT);
	assert_int_equal(s.verify, VERIFY_REQUIRE);
}

static void a_medium_can_only_ask_for_signed_configuration(void **state)
{
	static const struct {
		int was, is;
		const char *medium;
	} rows[] = {
		{ VERIFY_UNSET, VERIFY_UNSET, "slate.verify_saved=no" },
		{ VERIFY_UNSET, VERIFY_UNSET, "slate.verify_saved=if-signed" },
		{ VERIFY_UNSET, VERIFY_REQUIRE, "slate.verify_saved=require" },
		{ VERIFY_NO, VERIFY_IF_SIGNED, "slate.verify_saved=if-signed" },
		{ VERIFY_IF_SIGNED, VERIFY_IF_SIGNED, "slate.verify_saved=no" },
		{ VERIFY_REQUIRE, VERIFY_REQUIRE, "slate.verify_saved=if-signed" },
	};
	struct told told = { 0 };
	struct settings_warn warn = { remember, &told };
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		settings_default(&s);
		s.verify_saved = rows[i].was;
		settings_apply(&s, SETTINGS_MEDIUM, span_of(rows[i].medium), &warn);
		assert_int_equal(s.verify_saved, rows[i].is);
	}
	settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.encrypt=passphrase"), &warn);
	assert_int_equal(s.encrypt, ENCRYPT_PASSPHRASE);
	assert_int_equal(settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.encrypt=no"), &warn), 1);
	assert_int_equal(settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.encrypt=key"), &warn), 1);
	assert_int_equal(settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.key=LABEL=X:k"), &warn), 1);
	assert_string_equal(s.key, "");
	assert_int_equal(settings_apply(&s, SETTINGS_IMAGE, span_of("slate.key=LABEL=X:k"), &warn), 0);
	assert_string_equal(s.key, "LABEL=X:k");
}

static void a_medium_opens_no_door_of_a_machine_that_verifies(void **state)
{
	static const char *const doors[] = { "init=/bin/sh",         "init_args=-c sh", "single",
		                             "slate.autologin=root", "failsafe",        "break=root",
		                             "slate.identity=no" };
	struct told told = { 0 };
	struct settings_warn warn = { remember, &told };

	(void)state;
	for (size_t i = 0; i < sizeof doors / sizeof *doors; i++) {
		struct settings strict, open;

		settings_default(&strict);
		strict.verify = VERIFY_REQUIRE;
		open = strict;
		open.verify = VERIFY_UNSET;

		struct settings was = strict;

		assert_int_equal(settings_apply(&strict, SETTINGS_MEDIUM, span_of(doors[i]), &warn), 1);
		assert_memory_equal(&strict, &was, sizeof strict);
		assert_int_equal(settings_apply(&open, SETTINGS_MEDIUM, span_of(doors[i]), &warn), 0);
	}
}

static void a_medium_never_allows_an_older_image(void **state)
{
	struct told told = { 0 };
	struct settings_warn warn = { remember, &told };
	struct settings s;

	(void)state;
	settings_default(&s);
	assert_int_equal(settings_apply(&s, SETTINGS_MEDIUM, span_of("slate.downgrade=yes"), &warn), 1);
	assert_false(s.downgrade);
	assert_int_equal(settings_apply(&s, SETTINGS_CMDLINE, span_of("slate.downgrade"), &warn), 0);
	assert_true(s.downgrade);
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct told told;
	struct settings s = parsed(SETTINGS_CMDLINE,
	                           "root=PARTUUID=ab-01 rootwait=3 toram=lazy slate.shell=no nosave "
	                           "slate.generation=18446744073709551615 init_args=\"x  y\"",
	                           &told);
	struct settings again;
	struct err e = { 0 };
	char text[4096];

	(void)state;
	assert_int_equal(settings_write(&s, text, sizeof text, &e), 0);
	again = parsed(SETTINGS_IMAGE, text, &told);
	assert_int_equal(told.n, 0);
	assert_memory_equal(&again, &s, sizeof s);
	assert_int_equal(settings_write(&s, text, 20, &e), -1);
}

static void words_longer_than_any_value_are_refused_not_cut(void **state)
{
	char text[6000] = "root=";
	struct told told;

	(void)state;
	memset(text + 5, 'x', sizeof text - 6);
	text[sizeof text - 1] = '\0';

	struct settings s = parsed(SETTINGS_CMDLINE, text, &told);

	assert_int_equal(told.n, 1);
	assert_string_equal(s.root, "LABEL=SLATE");
}

static void a_negative_panic_restarts_at_once(void **state)
{
	struct told told;

	(void)state;
	assert_int_equal(parsed(SETTINGS_CMDLINE, "panic=-1", &told).panic_s, 1);
	assert_int_equal(told.n, 0);
	assert_int_equal(parsed(SETTINGS_CMDLINE, "panic=soon", &told).panic_s, 0);
	assert_int_equal(told.n, 1);
}

static void a_file_of_the_fleet_may_say_what_its_signature_allows(void **state)
{
	/* of an image that says slate.shell=no: how many of the three kinds refuse it */
	static const struct {
		const char *text;
		int with_key, without, is_signed;
	} rows[] = {
		{ "slate.hostname=till-1", 0, 0, 0 },
		{ "toram", 0, 0, 0 },
		{ "copytoram", 0, 0, 0 },
		{ "slate.save=http://elsewhere/", 1, 0, 0 },
		{ "apkovl=http://elsewhere/x", 1, 0, 0 },
		{ "init=/bin/sh", 1, 0, 0 },
		{ "slate.autologin=root", 1, 0, 0 },
		{ "slate.watchdog=no", 1, 0, 0 },
		{ "slate.shell=root", 1, 1, 0 },
		{ "slate.verify=no", 1, 1, 0 },
		{ "slate.verify_saved=no", 1, 1, 0 },
		{ "slate.downgrade", 1, 1, 0 },
		{ "slate.key=/dev/sda:x", 1, 1, 0 },
		{ "slate.nothing=1", 1, 1, 1 },
		{ "console=ttyS0", 1, 1, 1 },
	};
	static const enum settings_source kinds[] = { SETTINGS_FLEET_FOREIGN, SETTINGS_FLEET,
		                                      SETTINGS_FLEET_SIGNED };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const int wanted[] = { rows[i].with_key, rows[i].without, rows[i].is_signed };

		for (size_t k = 0; k < 3; k++) {
			struct settings s;

			settings_default(&s);
			s.shell = SHELL_NO;
			s.verify = VERIFY_IF_SIGNED;
			if (settings_apply(&s, kinds[k], span_of(rows[i].text), NULL) != wanted[k])
				fail_msg("%s: kind %zu", rows[i].text, k);
		}
	}
}

static void what_anybody_may_say_are_settings(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; settings_key(i); i++)
		n += settings_is_harmless(span_of(settings_key(i)));
	assert_int_equal(n, 9);
	assert_false(settings_is_harmless(span_of("init")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_command_line_boots_the_default_medium),
		cmocka_unit_test(values_with_equal_signs_quotes_and_aliases_are_read),
		cmocka_unit_test(the_last_one_wins_and_what_follows_two_dashes_is_for_init),
		cmocka_unit_test(a_number_that_may_be_none_can_be_no),
		cmocka_unit_test(a_bad_word_is_told_and_the_rest_is_read),
		cmocka_unit_test(only_unknown_words_of_ours_are_told),
		cmocka_unit_test(failsafe_neither_restores_nor_saves),
		cmocka_unit_test(a_file_has_comments_blanks_and_values_with_spaces),
		cmocka_unit_test(a_medium_can_raise_but_not_lower_protection),
		cmocka_unit_test(a_medium_can_only_ask_for_signed_configuration),
		cmocka_unit_test(a_medium_never_allows_an_older_image),
		cmocka_unit_test(a_medium_opens_no_door_of_a_machine_that_verifies),
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(words_longer_than_any_value_are_refused_not_cut),
		cmocka_unit_test(a_negative_panic_restarts_at_once),
		cmocka_unit_test(a_file_of_the_fleet_may_say_what_its_signature_allows),
		cmocka_unit_test(what_anybody_may_say_are_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
