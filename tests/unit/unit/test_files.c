/* Whole unit files: those in data/, and the stock ones that distributions ship. */
#include "tree.h"

#include <dirent.h>

static struct tree t;

static void run(const char *fmt, const char *a, const char *b)
{
	char command[600];

	snprintf(command, sizeof command, fmt, a, b);
	assert_int_equal(system(command), 0);
}

static void take_data(void)
{
	struct err e;

	assert_int_equal(fd_mkdirs(t.root, LIB, 0755, &e), 0);
	run("cp tests/unit/unit/data/* %s/%s", t.path, LIB);
}

static void a_daemon_is_understood(void **state)
{
	struct unit_set *set;
	const struct unit *u;

	(void)state;
	take_data();
	set = tree_load(&t, "web.service");
	u = tree_unit(set, "web.service");
	assert_int_equal(set->messages_n, 0);
	assert_int_equal(u->load, LOAD_LOADED);
	assert_int_equal(u->service->type, SERVICE_NOTIFY);
	assert_int_equal(u->service->notify_access, NOTIFY_MAIN);
	assert_int_equal(u->service->exec[PHASE_START_PRE].at[0].argc, 4);
	assert_int_equal(u->service->exec[PHASE_RELOAD].n, 2);
	assert_string_equal(u->service->exec[PHASE_RELOAD].at[0].argv[2], "$MAINPID");
	assert_string_equal(u->install.alias.at[0], "www.service");
	assert_int_equal(u->conditions_n, 1);
	assert_true(u->conditions[0].negate);
	assert_true(tree_has(set, "web.service", DEP_WANTS, "network-online.target"));
	assert_int_equal(u->service->exec_config.dirs[DIR_STATE].names.n, 2);
	unit_set_free(set);
}

static void a_template_is_filled_in(void **state)
{
	struct unit_set *set;
	const struct unit *u;
	const struct exec_list *start;

	(void)state;
	take_data();
	set = tree_load(&t, "job@a\\x2db.service");
	u = tree_unit(set, "job@a\\x2db.service");
	start = &u->service->exec[PHASE_START];
	assert_int_equal(u->load, LOAD_LOADED);
	assert_string_equal(u->description, "Runs job a\\x2db once");
	assert_string_equal(start->at[0].path, "/usr/lib/jobs/a-b");
	assert_string_equal(start->at[0].argv[2], "job@a\\x2db.service");
	assert_string_equal(start->at[1].path, "/bin/true");
	assert_string_equal(start->at[1].argv[0], "done");
	assert_true(u->conditions[0].assertion);
	assert_true(u->service->timeout_start_us == UNIT_FOREVER);
	unit_set_free(set);
}

static void protection_that_is_missing_is_named(void **state)
{
	struct unit_set *set;

	(void)state;
	take_data();
	set = tree_load(&t, "hardened.service");
	assert_int_equal(tree_unit(set, "hardened.service")->load, LOAD_BAD);
	assert_string_equal(tree_unit(set, "hardened.service")->reason,
	                    "it asks for protection that is not available: DynamicUser");
	unit_set_free(set);
}

/* Beside the project's folder where its makers keep them; elsewhere there are none. */
static const char stock[] = "../shared/units/given.tar.gz";

static unsigned load_each(const char *suffix, unsigned *bad)
{
	char folder[128];
	unsigned n = 0;
	const struct dirent *d;
	DIR *dir;

	snprintf(folder, sizeof folder, "%s/" LIB, t.path);
	dir = opendir(folder);
	assert_non_null(dir);
	while ((d = readdir(dir))) {
		struct unit_set *set;
		char name[UNIT_NAME_SIZE];
		const char *at = strstr(d->d_name, "@.");

		if (!span_ends(span_of(d->d_name), suffix))
			continue;
		if (at)
			snprintf(name, sizeof name, "%.*s@x%s", (int)(at - d->d_name), d->d_name, at + 1);
		else
			snprintf(name, sizeof name, "%s", d->d_name);
		set = tree_load(&t, name);
		if (tree_message(set, "syntax") || tree_message(set, " is unknown "))
			fail_msg("%s: %s", name, set->messages[0].text);
		if (unit_find(set, name) == UNIT_NONE || tree_unit(set, name)->load == LOAD_NOT_FOUND)
			fail_msg("%s was not read", name);
		*bad += tree_unit(set, name)->load == LOAD_BAD;
		if (tree_unit(set, name)->load == LOAD_BAD &&
		    !strstr(tree_unit(set, name)->reason, "it asks for protection"))
			fail_msg("%s: %s", name, tree_unit(set, name)->reason);
		unit_set_free(set);
		n++;
	}
	closedir(dir);
	return n;
}

static void stock_unit_files_are_read(void **state)
{
	unsigned bad = 0, n;

	(void)state;
	if (access(stock, R_OK) < 0) {
		print_message("there are no stock unit files here (%s): skipped\n", stock);
		skip();
	}
	run("tar -xzf %s -C %s", stock, t.path);
	run("find %s -name '*.service' -type f -not -path '*/usr/lib/*' -exec cp {} %s/" LIB " \\;", t.path, t.path);
	n = load_each(".service", &bad);
	assert_in_range(n, 170, 200);
	assert_in_range(bad, 0, n / 3);
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, tree_set_up, tree_tear_down, &t)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_daemon_is_understood),
		TEST(a_template_is_filled_in),
		TEST(protection_that_is_missing_is_named),
		TEST(stock_unit_files_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
