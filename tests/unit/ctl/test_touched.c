/* touched: which services read what has changed. */
#include "../../../init/ctl/touched.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const start_argv[] = { "/usr/sbin/lighttpd", "-f", "/etc/web/main.conf", "-D",
	                                  "--include=/srv/more", NULL };
static const struct exec_command start = { "/usr/sbin/lighttpd", start_argv, 5, 0 };
static const struct exec_env_file env_files[] = { { "/etc/web.env", false },
	                                          { "/etc/env.d/*.env", true } };
static const char *const configuration[] = { "webdir", NULL };
static const char *const dropins[] = { "/etc/systemd/system/web@.service.d/10.conf", NULL };

static bool is_touched(const char *path)
{
	struct service_config service = { .exec[PHASE_START] = { &start, 1 } };
	const struct unit unit = { .name = "web@8080.service",
		                   .type = UNIT_SERVICE,
		                   .fragment = "/usr/lib/systemd/system/web@.service",
		                   .dropins = { dropins, 1 },
		                   .service = &service };
	char copy[100];
	char *at[] = { copy };
	const struct names changed = { at, 1, 1 };

	strcpy(copy, path);
	service.exec_config.env_files = env_files;
	service.exec_config.env_files_n = 2;
	service.exec_config.dirs[DIR_CONFIGURATION].names = (struct text_list){ configuration, 1 };
	return touched_by(&unit, &changed);
}

static void a_service_is_touched_by_what_its_unit_names(void **state)
{
	static const struct {
		const char *path;
		bool touched;
	} cases[] = {
		{ "usr/lib/systemd/system/web@.service", true },
		{ "etc/systemd/system/web@.service.d/10.conf", true },
		{ "etc/systemd/system/other.service", false },
		{ "etc/web.env", true },
		{ "etc/env.d/x.env", true },
		{ "etc/env.d/x.conf", false },
		{ "etc/env.d/deep/x.env", false },
		{ "usr/sbin/lighttpd", true },
		{ "etc/web/main.conf", true },
		{ "srv/more/in/it", true },
		{ "srv/moreover", false },
		{ "etc/webdir/any", true },
		{ "etc/web", true },
		{ "etc/web/any", true },
		{ "etc/web.conf", true },
		{ "etc/web@8080/any", true },
		{ "etc/default/web", true },
		{ "etc/lighttpd/lighttpd.conf", true },
		{ "etc/default/lighttpd", true },
		{ "etc/webmaster", false },
		{ "etc/hostname", false },
		{ "etc", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("  %s\n", cases[i].path);
		assert_int_equal(is_touched(cases[i].path), cases[i].touched);
	}
}

static void unit_files_are_those_in_the_search_path(void **state)
{
	char unit[] = "etc/systemd/system/x.service", link[] = "etc/slate/system/a.target.wants/x",
	     other[] = "etc/systemd/journald.conf";
	char *mine[] = { other, unit }, *its[] = { other, link }, *none[] = { other };

	(void)state;
	assert_true(touched_units(&(struct names){ mine, 2, 2 }));
	assert_true(touched_units(&(struct names){ its, 2, 2 }));
	assert_false(touched_units(&(struct names){ none, 1, 1 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_touched_by_what_its_unit_names),
		cmocka_unit_test(unit_files_are_those_in_the_search_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
