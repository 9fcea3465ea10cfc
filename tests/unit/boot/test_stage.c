/* stage: the table runs in order, and the policy column decides what a failure means. */
#include "../../../init/boot/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What happened, a letter each: stages in the order of the table, then h for
 * hooks, R for rescue, P for a pause. */
static struct {
	char log[64];
	int fails;        /* how often the second stage fails */
	int rescue_again; /* how often the rescue says: try again */
} world;

static void note(char c)
{
	size_t len = strlen(world.log);

	world.log[len] = c;
	world.log[len + 1] = '\0';
}

static int first(struct boot *b, struct err *e)
{
	(void)b;
	(void)e;
	note('1');
	return 0;
}

static int second(struct boot *b, struct err *e)
{
	(void)b;
	note('2');
	return world.fails-- > 0 ? err_say(e, "no such thing") : 0;
}

static int third(struct boot *b, struct err *e)
{
	(void)b;
	(void)e;
	note('3');
	return STAGE_WAS_SKIPPED;
}

static void hooks(struct boot *b, const char *phase)
{
	(void)b;
	assert_string_equal(phase, "medium");
	note('h');
}

static void pause_before(struct boot *b, const struct stage *s)
{
	(void)b;
	assert_string_equal(s->name, "third");
	note('P');
}

static bool rescue(struct boot *b, const struct stage *s, const struct err *e)
{
	(void)b;
	assert_string_equal(s->name, "second");
	assert_string_equal(e->text, "second: no such thing");
	note('R');
	return world.rescue_again-- > 0;
}

static const struct stage_actions actions = { pause_before, hooks, rescue };
static char degraded[] = "/tmp/test_stage.XXXXXX";

static struct boot fresh(void)
{
	struct boot b = { .report = { .kmsg = -1, .name = "test" }, .degraded = degraded };

	memset(&world, 0, sizeof world);
	if (truncate(degraded, 0) < 0)
		fail();
	return b;
}

static int run(struct boot *b, enum on_fail policy)
{
	const struct stage stages[] = {
		{ "first", first, RESCUE, NULL, NULL },
		{ "second", second, policy, NULL, "medium" },
		{ "third", third, RESCUE, NULL, NULL },
	};

	return stage_run_all(stages, 3, b, &actions);
}

static void stages_run_in_order_with_their_hooks(void **state)
{
	struct boot b = fresh();

	(void)state;
	assert_int_equal(run(&b, RESCUE), 0);
	assert_string_equal(world.log, "12h3");
	assert_int_equal(b.n_stages, 3);
	assert_string_equal(b.stages[1].name, "second");
	assert_int_equal(b.stages[1].result, STAGE_OK);
	assert_int_equal(b.stages[2].result, STAGE_SKIPPED);
	assert_true(b.stages[1].end_us >= b.stages[1].start_us);
	assert_true(b.stages[1].start_us >= b.stages[0].end_us);
}

static void an_optional_stage_that_fails_is_recorded_and_the_boot_goes_on(void **state)
{
	struct boot b = fresh();
	char text[200] = "";

	(void)state;
	world.fails = 1;
	assert_int_equal(run(&b, CARRY_ON), 0);
	assert_string_equal(world.log, "12h3");
	assert_int_equal(b.stages[1].result, STAGE_FAILED);
	assert_string_equal(b.stages[1].error, "second: no such thing");

	FILE *in = fopen(degraded, "r");

	assert_non_null(in);
	assert_non_null(fgets(text, sizeof text, in));
	fclose(in);
	assert_string_equal(text, "second: no such thing; going on without it\n");
}

static void a_required_stage_that_fails_stops_the_boot(void **state)
{
	struct boot b = fresh();

	(void)state;
	world.fails = 1;
	assert_int_equal(run(&b, RESCUE), -1);
	assert_string_equal(world.log, "12R");
	assert_int_equal(b.stages[1].result, STAGE_FAILED);
}

static void a_required_stage_is_tried_again_when_somebody_helped(void **state)
{
	struct boot b = fresh();

	(void)state;
	world.fails = 2;
	world.rescue_again = 2;
	assert_int_equal(run(&b, RESCUE), 0);
	assert_string_equal(world.log, "12R2R2h3");
	assert_int_equal(b.n_stages, 3);
	assert_int_equal(b.stages[1].result, STAGE_OK);
	assert_string_equal(b.stages[1].error, "");
}

static void break_stops_before_the_stage_it_names(void **state)
{
	struct boot b = fresh();

	(void)state;
	strcpy(b.settings.break_stage, "third");
	assert_int_equal(run(&b, RESCUE), 0);
	assert_string_equal(world.log, "12hP3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_run_in_order_with_their_hooks),
		cmocka_unit_test(an_optional_stage_that_fails_is_recorded_and_the_boot_goes_on),
		cmocka_unit_test(a_required_stage_that_fails_stops_the_boot),
		cmocka_unit_test(a_required_stage_is_tried_again_when_somebody_helped),
		cmocka_unit_test(break_stops_before_the_stage_it_names),
	};
	int fd = mkstemp(degraded);

	if (fd < 0)
		return 1;
	close(fd);

	int result = cmocka_run_group_tests(tests, NULL, NULL);

	unlink(degraded);
	return result;
}
