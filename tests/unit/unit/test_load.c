/* Which files make a unit, and how units find each other. */
#include "tree.h"

#include <signal.h>

static struct tree t;

static void the_first_directory_wins(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "a.service", "[Unit]\nDescription=vendor\n" SERVICE);
	tree_file(&t, ETC "a.service", "[Unit]\nDescription=admin\n" SERVICE);
	tree_file(&t, "etc/slate/system/a.service", "[Unit]\nDescription=slate\n" SERVICE);
	set = tree_load(&t, "a.service");
	assert_string_equal(tree_unit(set, "a.service")->description, "slate");
	assert_string_equal(tree_unit(set, "a.service")->fragment, "/etc/slate/system/a.service");
	unit_set_free(set);
}

static void drop_ins_count_in_the_order_of_their_names(void **state)
{
	struct unit_set *set;
	const struct unit *u;

	(void)state;
	tree_file(&t, LIB "foo-bar@.service", "[Unit]\nDescription=0\n" SERVICE);
	tree_file(&t, LIB "service.d/10-all.conf", "[Service]\nEnvironment=ALL=1\n");
	tree_file(&t, LIB "foo-@.service.d/20-prefix.conf", "[Service]\nEnvironment=PREFIX=1\n");
	tree_file(&t, LIB "foo-bar@.service.d/30-template.conf", "[Service]\nEnvironment=TEMPLATE=%i\n");
	tree_file(&t, ETC "foo-bar@x.service.d/40-own.conf", "[Unit]\nDescription=own\n");
	tree_file(&t, ETC "foo-bar@x.service.d/50-no.txt", "[Unit]\nDescription=no\n");
	tree_file(&t, LIB "foo-bar@x.service.d/40-own.conf", "[Unit]\nDescription=hidden\n");
	tree_file(&t, LIB "foo-bar@x.service.d/60-off.conf", "[Unit]\nDescription=masked\n");
	tree_link(&t, ETC "foo-bar@x.service.d/60-off.conf", "/dev/null");
	set = tree_load(&t, "foo-bar@x.service");
	u = tree_unit(set, "foo-bar@x.service");
	assert_string_equal(u->description, "own");
	assert_string_equal(u->instance, "x");
	assert_int_equal(u->dropins.n, 4);
	assert_string_equal(u->dropins.at[0], "/usr/lib/systemd/system/service.d/10-all.conf");
	assert_int_equal(u->service->exec_config.environment.n, 3);
	assert_string_equal(u->service->exec_config.environment.at[2], "TEMPLATE=x");
	unit_set_free(set);
}

static void masked_and_missing_units_say_so(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=m.service e.service n.service b.service\n");
	tree_file(&t, LIB "m.service", SERVICE);
	tree_link(&t, ETC "m.service", "/dev/null");
	tree_file(&t, LIB "e.service", SERVICE);
	tree_file(&t, ETC "e.service", "");
	tree_file(&t, LIB "b.service", "[Service]\nExecStart=relative/path\n");
	set = tree_load(&t, "goal.target");
	assert_int_equal(tree_unit(set, "m.service")->load, LOAD_MASKED);
	assert_int_equal(tree_unit(set, "e.service")->load, LOAD_MASKED);
	assert_int_equal(tree_unit(set, "n.service")->load, LOAD_NOT_FOUND);
	assert_int_equal(tree_unit(set, "b.service")->load, LOAD_BAD);
	assert_int_equal(tree_unit(set, "goal.target")->load, LOAD_LOADED);
	assert_false(tree_has(set, "goal.target", DEP_AFTER, "b.service"));
	unit_set_free(set);
}

static void aliases_are_one_unit(void **state)
{
	struct unit_set *set;
	const struct unit *u;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=alias.service real.service autovt@tty1.service\n");
	tree_file(&t, LIB "real.service", SERVICE);
	tree_link(&t, ETC "alias.service", "/usr/lib/systemd/system/real.service");
	tree_file(&t, LIB "getty@.service", SERVICE);
	tree_link(&t, LIB "autovt@.service", "getty@.service");
	tree_link(&t, LIB "default.target", "goal.target");
	set = tree_load(&t, "default.target");
	u = tree_unit(set, "alias.service");
	assert_string_equal(u->name, "real.service");
	assert_int_equal(u->aliases.n, 1);
	assert_string_equal(u->aliases.at[0], "alias.service");
	assert_string_equal(tree_unit(set, "autovt@tty1.service")->name, "getty@tty1.service");
	assert_string_equal(tree_unit(set, "default.target")->name, "goal.target");
	assert_int_equal(unit_deps(set, unit_find(set, "goal.target"), DEP_WANTS).n, 2);
	unit_set_free(set);
}

static void what_an_alias_wants_its_unit_wants(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=z.service\n");
	tree_link(&t, LIB "default.target", "goal.target");
	tree_file(&t, LIB "a.service", SERVICE);
	tree_file(&t, LIB "b.service", SERVICE);
	tree_file(&t, LIB "z.service", "[Unit]\nAfter=late.target\n" SERVICE);
	tree_link(&t, LIB "late.target", "goal.target");
	tree_link(&t, ETC "default.target.wants/a.service", "/" LIB "a.service");
	tree_link(&t, ETC "late.target.wants/b.service", "/" LIB "b.service");
	set = tree_load(&t, "default.target");
	assert_true(tree_has(set, "goal.target", DEP_WANTS, "a.service"));
	assert_true(tree_has(set, "goal.target", DEP_WANTS, "b.service"));
	unit_set_free(set);
}

static void a_chain_of_aliases_ends(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_link(&t, LIB "one.service", "two.service");
	tree_link(&t, LIB "two.service", "one.service");
	set = tree_load(&t, "one.service");
	assert_true(set->n >= 1);
	unit_set_free(set);
}

static void a_link_to_a_file_elsewhere_is_that_file(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, "opt/app/a.service", "[Unit]\nDescription=elsewhere\n" SERVICE);
	tree_link(&t, ETC "a.service", "/opt/app/a.service");
	set = tree_load(&t, "a.service");
	assert_string_equal(tree_unit(set, "a.service")->description, "elsewhere");
	unit_set_free(set);
}

static void folders_of_links_are_dependencies(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nDescription=x\n");
	tree_file(&t, LIB "a.service", SERVICE);
	tree_file(&t, LIB "b@.service", SERVICE);
	tree_link(&t, ETC "goal.target.wants/a.service", "/usr/lib/systemd/system/a.service");
	tree_link(&t, LIB "goal.target.requires/b@1.service", "../b@.service");
	set = tree_load(&t, "goal.target");
	assert_true(tree_has(set, "goal.target", DEP_WANTS, "a.service"));
	assert_true(tree_has(set, "a.service", DEP_WANTED_BY, "goal.target"));
	assert_true(tree_has(set, "goal.target", DEP_REQUIRES, "b@1.service"));
	assert_true(tree_has(set, "goal.target", DEP_AFTER, "b@1.service"));
	unit_set_free(set);
}

static void an_override_of_the_administrator_counts(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "a.service", SERVICE "RootEphemeral=yes\nPrivateBPF=yes\n");
	tree_file(&t, LIB "a.service.d/x.conf", "[Service]\nX-Slate-Ignore=RootEphemeral\n");
	set = tree_load(&t, "a.service");
	assert_int_equal(tree_unit(set, "a.service")->load, LOAD_BAD);
	unit_set_free(set);

	tree_file(&t, ETC "a.service.d/y.conf", "[Service]\nX-Slate-Ignore=RootEphemeral\n");
	set = tree_load(&t, "a.service");
	assert_string_equal(tree_unit(set, "a.service")->reason,
	                    "it asks for protection that is not available: PrivateBPF");
	unit_set_free(set);

	tree_file(&t, "etc/slate/system/a.service.d/z.conf", "[Unit]\nX-Slate-Ignore=PrivateBPF\n");
	set = tree_load(&t, "a.service");
	assert_int_equal(tree_unit(set, "a.service")->load, LOAD_LOADED);
	assert_non_null(tree_message(set, "a.service: runs without RootEphemeral, PrivateBPF"));
	unit_set_free(set);
}

static void timers_and_sockets_know_their_service(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=a.timer s.socket\n");
	tree_file(&t, LIB "a.timer", "[Timer]\nOnBootSec=5\n");
	tree_file(&t, LIB "a.service", SERVICE);
	tree_file(&t, LIB "s.socket", "[Socket]\nListenStream=1\nService=other.service\n");
	tree_file(&t, LIB "other.service", SERVICE);
	set = tree_load(&t, "goal.target");
	assert_true(tree_has(set, "a.timer", DEP_TRIGGERS, "a.service"));
	assert_true(tree_has(set, "other.service", DEP_TRIGGERED_BY, "s.socket"));
	assert_non_null(tree_message(set, "a.timer: timers do not run"));
	unit_set_free(set);
}

static void units_that_nothing_pulls_in_are_quiet(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=a.service\nAfter=b.service\n");
	tree_file(&t, LIB "a.service", SERVICE "Odd=1\n");
	tree_file(&t, LIB "b.service", SERVICE "Odd=1\n");
	set = tree_load(&t, "goal.target");
	assert_int_equal(set->messages_n, 1);
	assert_non_null(tree_message(set, "a.service:3: Odd="));
	unit_set_free(set);
}

static void a_unit_is_added_to_a_set_in_use(void **state)
{
	const struct unit_source source = { t.root, NULL };
	struct unit_set *set;
	const struct unit *a;
	struct err e;
	unsigned n;

	(void)state;
	tree_file(&t, LIB "a.service", "[Unit]\nBefore=late.service\n" SERVICE);
	tree_file(&t, LIB "b.service", "[Unit]\nRequires=a.service\nAfter=a.service\nWants=c.service\n" SERVICE);
	tree_file(&t, LIB "c.service", SERVICE);
	set = tree_load(&t, "a.service");
	a = tree_unit(set, "a.service");
	n = set->n;
	assert_int_equal(unit_set_add(set, &source, "none.service", &e), -1);
	assert_string_equal(e.text, "none.service: there is no such unit file");
	assert_int_equal(unit_set_add(set, &source, "no name", &e), -1);
	assert_true(set->n == n && unit_find(set, "none.service") == UNIT_NONE);
	assert_int_equal(unit_set_add(set, &source, "b.service", &e), 0);
	assert_true(tree_unit(set, "a.service") == a);
	assert_true(tree_has(set, "a.service", DEP_REQUIRED_BY, "b.service"));
	assert_true(tree_has(set, "a.service", DEP_BEFORE, "late.service"));
	assert_int_equal(tree_unit(set, "c.service")->load, LOAD_LOADED);
	assert_int_equal(unit_set_add(set, &source, "b.service", &e), 0);
	unit_set_free(set);
}

static void a_child_can_read_the_units(void **state)
{
	const struct unit_source source = { t.root, NULL };
	const char *const goals[] = { "a.service", NULL };
	struct unit_set *set;
	struct err e;

	(void)state;
	tree_file(&t, LIB "a.service", SERVICE);
	tree_file(&t, LIB "b.service", "[Unit]\nAfter=a.service\n" SERVICE);
	assert_int_equal(unit_set_load_apart(&set, &source, goals, 5000, &e), 0);
	assert_string_equal(tree_unit(set, "a.service")->service->exec[PHASE_START].at[0].path, "/bin/x");
	assert_int_equal(unit_set_add_apart(set, &source, "b.service", 5000, &e), 0);
	assert_true(tree_has(set, "b.service", DEP_AFTER, "a.service"));
	assert_int_equal(unit_set_add_apart(set, &source, "c.service", 5000, &e), -1);
	assert_string_equal(e.text, "c.service: there is no such unit file");
	assert_int_equal(tree_unit(set, "b.service")->load, LOAD_LOADED);
	unit_set_free(set);
}

static void too_many_units_are_refused_whole(void **state)
{
	const struct unit_source source = { t.root, NULL };
	const char *const goals[] = { "goal.target", NULL };
	struct unit_set *set = NULL;
	static char text[UNIT_SET_MAX * 24];
	struct err e;
	size_t used = 0;

	(void)state;
	used = (size_t)snprintf(text, sizeof text, "[Unit]\n");
	for (int i = 0; i < UNIT_SET_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof text - used, "After=u%d.service\n", i);
	tree_file(&t, LIB "goal.target", text);
	assert_int_equal(unit_set_load(&set, &source, goals, &e), -1);
	assert_null(set);
	assert_non_null(strstr(e.text, "more than 2048 units"));
}

static void a_file_that_is_too_large_is_refused(void **state)
{
	static char text[UNIT_FILE_MAX + 100];
	struct unit_set *set;

	(void)state;
	memset(text, '#', sizeof text - 1);
	tree_file(&t, LIB "a.service", text);
	set = tree_load(&t, "a.service");
	assert_int_equal(tree_unit(set, "a.service")->load, LOAD_BAD);
	assert_non_null(strstr(tree_unit(set, "a.service")->reason, "larger than"));
	unit_set_free(set);
}

static void links_can_not_leave_the_root(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_link(&t, LIB "a.service", "../../../../../../../../../etc/hostname");
	tree_link(&t, LIB "b.service", "/etc/hostname");
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=a.service b.service\n");
	set = tree_load(&t, "goal.target");
	assert_int_equal(tree_unit(set, "a.service")->load, LOAD_BAD);
	assert_int_equal(tree_unit(set, "b.service")->load, LOAD_BAD);
	unit_set_free(set);
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, tree_set_up, tree_tear_down, &t)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_directory_wins),
		TEST(drop_ins_count_in_the_order_of_their_names),
		TEST(masked_and_missing_units_say_so),
		TEST(aliases_are_one_unit),
		TEST(what_an_alias_wants_its_unit_wants),
		TEST(a_chain_of_aliases_ends),
		TEST(a_link_to_a_file_elsewhere_is_that_file),
		TEST(folders_of_links_are_dependencies),
		TEST(an_override_of_the_administrator_counts),
		TEST(timers_and_sockets_know_their_service),
		TEST(units_that_nothing_pulls_in_are_quiet),
		TEST(a_unit_is_added_to_a_set_in_use),
		TEST(a_child_can_read_the_units),
		TEST(too_many_units_are_refused_whole),
		TEST(a_file_that_is_too_large_is_refused),
		TEST(links_can_not_leave_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
