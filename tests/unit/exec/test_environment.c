/* What a service's process is told: its variables, and the identity of its run. */
#include "../../../init/exec/environment.h"
#include "../../../init/exec/invocation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void each_start_has_an_identity_of_its_own(void **state)
{
	struct invocations one, other;
	struct invocation ids[300];
	char text[INVOCATION_TEXT];

	(void)state;
	invocations_open(&one);
	invocations_open(&other);
	for (size_t i = 0; i < 300; i++) {
		ids[i] = invocation_next(i % 2 ? &one : &other);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(ids[i].bytes, ids[k].bytes, sizeof ids[i].bytes);
	}
	invocation_text(&(struct invocation){ { 0x00, 0x1f, [15] = 0xa9 } }, text);
	assert_string_equal(text, "001f00000000000000000000000000a9");
}

static void a_variable_that_is_set_again_has_one_value(void **state)
{
	struct environment *env = calloc(1, sizeof *env);
	struct err e;

	(void)state;
	assert_int_equal(environment_set(env, "A", "1", &e), 0);
	assert_int_equal(environment_put(env, "B=2", &e), 0);
	assert_int_equal(environment_put(env, "A=3=4", &e), 0);
	assert_int_equal(environment_put(env, "nonsense", &e), 0);
	assert_int_equal(env->n, 2);
	assert_string_equal(environment_get(env, "A"), "3=4");
	environment_unset(env, "B=other");
	assert_non_null(environment_get(env, "B"));
	environment_unset(env, "B");
	assert_null(environment_get(env, "B"));
	assert_null(env->at[1]);
	for (int i = 0; i < ENVIRONMENT_MAX; i++) {
		char name[16];

		snprintf(name, sizeof name, "V%d", i);
		if (environment_set(env, name, "x", &e) < 0)
			break;
	}
	assert_int_equal(environment_set(env, "ONE_MORE", "x", &e), -1);
	free(env);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_start_has_an_identity_of_its_own),
		cmocka_unit_test(a_variable_that_is_set_again_has_one_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
