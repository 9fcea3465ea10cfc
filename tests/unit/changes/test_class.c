/* class: what the table says of paths. */
#include "../../../overlay/changes/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

static void a_path_is_what_its_most_specific_rule_says(void **state)
{
	static const struct {
		const char *path;
		enum class class;
		const char *front; /* what the rule matched */
	} cases[] = {
		{ "etc", CLASS_CONFIG, "etc" },
		{ "etc/app/settings", CLASS_CONFIG, "etc" },
		{ "etcetera", CLASS_DATA, "" },
		{ "etc/hostname", CLASS_IDENTITY, "etc/hostname" },
		{ "etc/hostname.d", CLASS_CONFIG, "etc" },
		{ "etc/ssh/sshd_config", CLASS_CONFIG, "etc" },
		{ "etc/ssh/ssh_host_ed25519_key", CLASS_IDENTITY, "etc/ssh/ssh_host_ed25519_key" },
		{ "root/.ssh/authorized_keys", CLASS_IDENTITY, "root/.ssh" },
		{ "home/kim/.ssh", CLASS_IDENTITY, "home/kim/.ssh" },
		{ "home/kim/letter", CLASS_DATA, "" },
		{ "home/kim/.config/app", CLASS_CONFIG, "home/kim/.config" },
		{ "home/kim/.cache/app/x", CLASS_CACHE, "home/kim/.cache" },
		{ "root/.ash_history", CLASS_LOG, "root/.ash_history" },
		{ "var/log/app/x", CLASS_LOG, "var/log" },
		{ "srv/app/app.log", CLASS_LOG, "srv/app/app.log" },
		{ "etc/app/app.log", CLASS_LOG, "etc/app/app.log" },
		{ "etc/app/app.log.d", CLASS_CONFIG, "etc" },
		{ "etc/ld.so.cache", CLASS_CACHE, "etc/ld.so.cache" },
		{ "etc/app/run.pid", CLASS_CACHE, "etc/app/run.pid" },
		{ "var/cache/fontconfig/x", CLASS_CACHE, "var/cache" },
		{ "var/lib/app/db", CLASS_DATA, "" },
		{ "", CLASS_DATA, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t front = 999;

		print_message("  %s\n", cases[i].path);
		assert_int_equal(class_find(cases[i].path, &front), cases[i].class);
		assert_int_equal(front, strlen(cases[i].front));
		assert_int_equal(class_of(cases[i].path), cases[i].class);
	}
}

static void every_class_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (enum class a = CLASS_NONE; a < CLASSES; a++) {
		assert_non_null(class_name(a));
		for (enum class b = CLASS_NONE; b < a; b++)
			assert_string_not_equal(class_name(a), class_name(b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_what_its_most_specific_rule_says),
		cmocka_unit_test(every_class_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
