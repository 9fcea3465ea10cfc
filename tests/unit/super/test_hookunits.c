/* hookunits: what unit a script of a phase becomes. */
#include "../unit/tree.h"

#include "../../../init/super/hookunits.h"

static struct tree t;

static const struct {
	const char *script, *unit; /* unit NULL: none can have that name */
} names[] = {
	{ "10-x", "slate-hook-boot-10-x.service" },
	{ "a_b.sh", "slate-hook-boot-a_b.sh.service" },
	{ "a b@c%", "slate-hook-boot-a\\x20b\\x40c\\x25.service" },
	{ "\xc3\xa4", "slate-hook-boot-\\xc3\\xa4.service" },
	{ "a\nb", NULL },
	{ "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
	  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
	  "0123456789012345678901234567890123456789", NULL },
};

static void a_script_is_a_unit_by_its_name(void **state)
{
	char name[HOOKUNIT_NAME_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		int result = hookunit_name(HOOKUNIT_BOOT, names[i].script, name);

		if ((result < 0) != !names[i].unit)
			fail_msg("%s: %d", names[i].script, result);
		if (names[i].unit)
			assert_string_equal(name, names[i].unit);
	}
}

static struct unit_set *set;

static const struct unit *load(const struct hookunit *h)
{
	char name[HOOKUNIT_NAME_MAX], text[HOOKUNIT_TEXT_MAX], path[400];
	const struct unit *u;

	assert_int_equal(hookunit_name(h->phase, h->script, name), 0);
	assert_int_equal(hookunit_text(h, text), 0);
	snprintf(path, sizeof path, LIB "%s", name);
	tree_file(&t, path, text);
	set = tree_load(&t, name);
	u = tree_unit(set, name);
	if (u->load != LOAD_LOADED)
		fail_msg("%s: %s\n%s", name, u->reason, text);
	return u;
}

static void its_path_and_its_machine_are_taken_by_the_letter(void **state)
{
	const struct hookunit h = { HOOKUNIT_BOOT, "2 $x%n\"\\", "/h/boot.d/2 $x%n\"\\", "1", "box %h \"1\"" };
	const struct unit *u = load(&h);
	const struct service_config *s = u->service;

	(void)state;
	assert_int_equal(s->exec[PHASE_START].n, 1);
	assert_string_equal(s->exec[PHASE_START].at[0].path, h.path);
	assert_int_equal(s->exec_config.environment.n, 5);
	assert_string_equal(s->exec_config.environment.at[1], "SLATE_NAME=box %h \"1\"");
	assert_int_equal(s->timeout_start_us, 30000000);
	unit_set_free(set);
}

static void one_of_the_end_runs_when_it_is_stopped(void **state)
{
	const struct hookunit h = { HOOKUNIT_SHUTDOWN, "1", "/h/shutdown.d/1", "", "box" };
	const struct service_config *s = load(&h)->service;

	(void)state;
	assert_int_equal(s->exec[PHASE_START].n, 0);
	assert_int_equal(s->exec[PHASE_STOP].n, 1);
	assert_int_equal(s->timeout_stop_us, 30000000);
	unit_set_free(set);
}

static void the_order_of_the_scripts_is_that_of_the_units(void **state)
{
	struct hookunit h = { HOOKUNIT_BOOT, "2", "/h/boot.d/2", "1", "box" };
	char text[HOOKUNIT_TEXT_MAX];

	(void)state;
	assert_int_equal(hookunit_text(&h, text), 0);
	assert_non_null(strstr(text, "\nAfter=slate-hook-boot-1.service\n"));
	/* units stop in the order opposite to that of their start */
	h.phase = HOOKUNIT_SHUTDOWN;
	assert_int_equal(hookunit_text(&h, text), 0);
	assert_non_null(strstr(text, "\nBefore=slate-hook-shutdown-1.service\n"));
	h.neighbour = "";
	assert_int_equal(hookunit_text(&h, text), 0);
	assert_null(strstr(text, "slate-hook-shutdown-"));
}

static int setup(void **state)
{
	(void)state;
	tree_make(&t);
	tree_base(&t);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	tree_remove(&t);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_is_a_unit_by_its_name),
		cmocka_unit_test(its_path_and_its_machine_are_taken_by_the_letter),
		cmocka_unit_test(one_of_the_end_runs_when_it_is_stopped),
		cmocka_unit_test(the_order_of_the_scripts_is_that_of_the_units),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
