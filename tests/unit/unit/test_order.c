/* What waits for what, and loops of it. */
#include "tree.h"

static struct tree t;

static void services_wait_for_the_basics_unless_told(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=a.service early.service\n");
	tree_file(&t, LIB "a.service", SERVICE);
	tree_file(&t, LIB "early.service", "[Unit]\nDefaultDependencies=no\n" SERVICE);
	set = tree_load(&t, "goal.target");
	assert_true(tree_has(set, "a.service", DEP_REQUIRES, "sysinit.target"));
	assert_true(tree_has(set, "a.service", DEP_AFTER, "basic.target"));
	assert_true(tree_has(set, "a.service", DEP_CONFLICTS, "shutdown.target"));
	assert_true(tree_has(set, "shutdown.target", DEP_AFTER, "a.service"));
	assert_true(tree_has(set, "goal.target", DEP_AFTER, "a.service"));
	assert_int_equal(unit_deps(set, unit_find(set, "early.service"), DEP_AFTER).n, 0);
	assert_false(tree_has(set, "goal.target", DEP_AFTER, "early.service"));
	unit_set_free(set);
}

static void a_target_does_not_wait_for_what_follows_it(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nWants=a.service\n");
	tree_file(&t, LIB "a.service", "[Unit]\nAfter=goal.target\n" SERVICE);
	set = tree_load(&t, "goal.target");
	assert_false(tree_has(set, "goal.target", DEP_AFTER, "a.service"));
	assert_null(tree_message(set, "loop"));
	unit_set_free(set);
}

static void a_loop_is_named_in_full_and_cut_once(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nRequires=a.service\nWants=b.service c.service\n");
	tree_file(&t, LIB "a.service", "[Unit]\nAfter=b.service\n" SERVICE);
	tree_file(&t, LIB "b.service", "[Unit]\nAfter=c.service\n" SERVICE);
	tree_file(&t, LIB "c.service", "[Unit]\nAfter=a.service\n" SERVICE);
	set = tree_load(&t, "goal.target");
	assert_int_equal(set->messages_n, 1);
	assert_string_equal(set->messages[0].text,
	                    "ordering loop: a.service after b.service after c.service after a.service; "
	                    "a.service does not wait for b.service");
	assert_int_equal(set->messages[0].severity, UNIT_WARNING);
	assert_false(tree_has(set, "a.service", DEP_AFTER, "b.service"));
	assert_false(tree_has(set, "b.service", DEP_BEFORE, "a.service"));
	assert_true(tree_has(set, "b.service", DEP_AFTER, "c.service"));
	unit_set_free(set);
}

static void a_loop_of_required_units_is_an_error(void **state)
{
	struct unit_set *set;

	(void)state;
	tree_file(&t, LIB "goal.target", "[Unit]\nRequires=a.service b.service\n");
	tree_file(&t, LIB "a.service", "[Unit]\nAfter=b.service\n" SERVICE);
	tree_file(&t, LIB "b.service", "[Unit]\nAfter=a.service\n" SERVICE);
	set = tree_load(&t, "goal.target");
	assert_non_null(tree_message(set, "ordering loop: a.service after b.service after a.service"));
	assert_int_equal(set->messages[0].severity, UNIT_ERROR);
	unit_set_free(set);
}

/* Every unit after every other: more loops than are named; none is left. */
static void no_loop_is_left(void **state)
{
	struct unit_set *set;
	unsigned done = 0, before;
	bool gone[64] = { false };

	(void)state;
	for (int i = 0; i < 16; i++) {
		char path[64], text[600] = "[Unit]\nDefaultDependencies=no\n";

		for (int k = 0; k < 16; k++)
			snprintf(text + strlen(text), sizeof text - strlen(text), "After=u%d.service\n", k);
		strcat(text, SERVICE);
		snprintf(path, sizeof path, LIB "u%d.service", i);
		tree_file(&t, path, text);
	}
	set = tree_load(&t, "u0.service");
	assert_int_equal(set->n, 16);
	do {
		before = done;
		for (unsigned i = 0; i < set->n; i++) {
			struct unit_deps after = unit_deps(set, i, DEP_AFTER);
			bool waits = gone[i];

			for (unsigned k = 0; k < after.n; k++)
				waits = waits || !gone[after.at[k]];
			gone[i] = gone[i] || !waits;
			done += !waits;
		}
	} while (done > before);
	assert_int_equal(done, set->n);
	unit_set_free(set);
}

#define TEST(f) cmocka_unit_test_prestate_setup_teardown(f, tree_set_up, tree_tear_down, &t)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(services_wait_for_the_basics_unless_told),
		TEST(a_target_does_not_wait_for_what_follows_it),
		TEST(a_loop_is_named_in_full_and_cut_once),
		TEST(a_loop_of_required_units_is_an_error),
		TEST(no_loop_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
