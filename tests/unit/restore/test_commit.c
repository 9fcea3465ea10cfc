/* commit: a save never costs what was saved before. */
#include "saved.h"

static void an_archive_that_outgrows_its_slots_gets_larger_ones(void **state)
{
	size_t len = 9 << 20;
	char *bytes = malloc(len);
	struct commit_result out;
	struct err e = { 0 };

	(void)state;
	srandom(1);
	for (size_t i = 0; i < len; i++)
		bytes[i] = (char)random();
	for (int i = 0; i < 4; i++)
		save("small");
	assert_int_equal(save_bytes("etc/name", bytes, len, 0, &out, &e), 0);
	assert_int_equal(out.sequence, 5);
	assert_int_equal(out.slot, 4);
	/* none of the four gave way for it */
	for (uint64_t i = 1; i <= 4; i++)
		assert_int_equal(restore_with(i, NULL).sequence, i);
	assert_int_equal(restore_with(0, NULL).sequence, 5);
	assert_int_equal(save("small again").slot, 5);
	free(bytes);
}

static void a_save_says_what_is_still_safe_when_it_fails(void **state)
{
	struct commit_result out;
	struct err e = { 0 };

	(void)state;
	save("one");
	shell("echo wrong >medium/x; rm -rf slots; mv medium/slate slots; touch medium/slate");
	assert_int_equal(save_bytes("etc/name", "x", 1, 0, &out, &e), -1);
	assert_non_null(strstr(e.text, "medium: open slate/saved/default"));
	shell("rm medium/slate; mv slots medium/slate");
	assert_int_equal(save("two").sequence, 2);
}

#define TEST(f) cmocka_unit_test_setup(f, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_archive_that_outgrows_its_slots_gets_larger_ones),
		TEST(a_save_says_what_is_still_safe_when_it_fails),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
