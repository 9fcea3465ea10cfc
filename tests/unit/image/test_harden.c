/* harden: the command line of a hardened machine. */
#include "../../../image/harden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static char words[1280];

static void nothing_is_added_unless_it_is_asked_for(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(harden_words(HARDEN_UNSET, "hooks", "", words, sizeof words, &e), 0);
	assert_string_equal(words, "");
	assert_int_equal(harden_words(HARDEN_NO, "hooks", "", words, sizeof words, &e), 0);
	assert_string_equal(words, "");
}

static void a_profile_brings_its_words(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(harden_words(HARDEN_STRICT, "hooks", "quiet", words, sizeof words, &e), 0);
	assert_int_equal(strncmp(words, " slate.harden=strict ", 21), 0);
	assert_non_null(strstr(words, " slab_nomerge "));
	assert_non_null(strstr(words, " lockdown=confidentiality"));
	assert_int_equal(harden_words(HARDEN_HOTPLUG, "hooks", "quiet", words, sizeof words, &e), 0);
	assert_non_null(strstr(words, " lockdown=integrity"));
	assert_null(strstr(words, "nosmt"));
}

static void what_is_given_by_hand_stays(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(harden_words(HARDEN_STRICT, "hooks", "quiet pti=off nosmt slate.harden=hotplug", words,
	                              sizeof words, &e), 0);
	assert_null(strstr(words, "pti="));
	assert_null(strstr(words, " nosmt "));
	assert_null(strstr(words, "slate.harden"));
}

static void a_command_line_that_the_kernel_would_cut_is_refused(void **state)
{
	char given[1500];
	struct err e;

	(void)state;
	memset(given, 'x', sizeof given - 1);
	given[sizeof given - 1] = '\0';
	assert_int_equal(harden_words(HARDEN_STRICT, "hooks", given, words, sizeof words, &e), -1);
	assert_int_equal(harden_words(HARDEN_STRICT, "nowhere", "", words, sizeof words, &e), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_added_unless_it_is_asked_for),
		cmocka_unit_test(a_profile_brings_its_words),
		cmocka_unit_test(what_is_given_by_hand_stays),
		cmocka_unit_test(a_command_line_that_the_kernel_would_cut_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
