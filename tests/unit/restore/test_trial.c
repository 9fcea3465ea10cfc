/* trial: a generation that no boot takes unless it was confirmed. */
#include "saved.h"

#include "../../../overlay/save/trial.h"

static int save_trial_with(const char *text, bool ends_trial, struct err *e)
{
	const struct commit_options o = { .trial_s = 600, .ends_trial = ends_trial };
	const struct trialfile t = { .sequence = 0, .seconds = 600, .deadline_ms = 1 };
	struct commit_result out;

	assert_int_equal(trialfile_write("trial", &t, e), 0);
	return save_text((struct text){ "etc/name", text, strlen(text), 0, 0 }, &o, &out, e) < 0
	               ? -1
	               : (int)out.sequence;
}

static int save_trial(const char *text)
{
	struct err e = { 0 };

	return save_trial_with(text, false, &e);
}

static int note_trial(uint64_t sequence, enum slot_trial state)
{
	struct layer l = test_layer();
	struct err e = { 0 };
	int result = layer_open(&l, &e);

	assert_int_equal(result, 0);
	result = trial_note(&l, sequence, state, false, &e);
	layer_close(&l);
	return result;
}

static void no_boot_takes_a_trial_that_was_cut_off(void **state)
{
	struct trialfile t;
	struct err e;

	(void)state;
	save("before");
	assert_int_equal(save_trial("tried"), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(restore_with(0, NULL).sequence, 1);
		assert_name("before");
		assert_string_equal(told, "slot-1: generation 2 was on trial for 10 min: the "
		                          "machine went down before it was confirmed; not "
		                          "restored\ngeneration 1 (slot-0) was restored instead\n");
		assert_int_equal(trialfile_read("trial", &t, &e), 1);
		assert_true(t.ended && t.sequence == 2);
	}
	/* by its number it is there all the same */
	assert_int_equal(restore_with(2, NULL).sequence, 2);
	assert_string_equal(told, "");
}

static void a_trial_that_cant_be_read_is_not_taken_for_none(void **state)
{
	struct trialfile t;
	struct err e;

	(void)state;
	assert_int_equal(trialfile_read("no-trial", &t, &e), 0);
	assert_int_equal(mkdir("no-trial", 0700), 0);
	assert_int_equal(trialfile_read("no-trial", &t, &e), -1);
	assert_string_equal(e.text, "read no-trial: Is a directory");
	assert_int_equal(rmdir("no-trial"), 0);
}

static void one_boot_takes_a_trial_after_an_orderly_end(void **state)
{
	struct trialfile t;
	struct err e;

	(void)state;
	save("before");
	save_trial("tried");
	assert_int_equal(note_trial(0, SLOT_TRIAL_ARMED), 0);
	writable_calls = 0;
	assert_int_equal(restore_with(0, NULL).sequence, 2);
	assert_int_equal(writable_calls, 0); /* and read-only again */
	assert_string_equal(told, "");
	assert_int_equal(trialfile_read("trial", &t, &e), 1);
	assert_true(t.booted && !t.ended && t.seconds == 600);
	assert_true(t.deadline_ms > 0);
	assert_int_equal(restore_with(0, NULL).sequence, 1);
	assert_non_null(strstr(told, "the boot that tried it was not confirmed"));
	assert_int_equal(note_trial(2, SLOT_TRIAL_UNREACHED), 0);
	assert_int_equal(restore_with(0, NULL).sequence, 1);
	assert_non_null(strstr(told, "did not reach its target"));
	/* what is over stays over */
	assert_int_equal(note_trial(2, SLOT_TRIAL_KEPT), -1);
}

static void a_trial_whose_boot_can_not_be_noted_is_not_taken(void **state)
{
	(void)state;
	save("before");
	save_trial("tried");
	assert_int_equal(note_trial(2, SLOT_TRIAL_ARMED), 0);
	may_write = false;
	assert_int_equal(restore_with(0, NULL).sequence, 1);
	may_write = true;
	assert_non_null(strstr(told, "its boot can't be noted: write-protected"));
	assert_int_equal(restore_with(0, NULL).sequence, 2);
}

static void a_confirmed_trial_is_like_any_other(void **state)
{
	(void)state;
	save("before");
	save_trial("tried");
	assert_int_equal(note_trial(2, SLOT_TRIAL_KEPT), 0);
	shell("rm trial");
	assert_int_equal(restore_with(0, NULL).sequence, 2);
	assert_string_equal(told, "");
	assert_int_equal(save("after").sequence, 3);
	assert_int_equal(note_trial(2, SLOT_TRIAL_LATE), -1);
	assert_int_equal(note_trial(1, SLOT_TRIAL_LATE), -1);
}

static void a_save_in_the_middle_of_a_trial_is_refused_but_for_another_trial(void **state)
{
	struct commit_result out;
	struct err e = { 0 };

	(void)state;
	save("before");
	save_trial("tried");
	assert_int_equal(save_bytes("etc/name", "x", 1, 0, &out, &e), -1);
	assert_non_null(strstr(e.text, "generation 2 is on trial: slate confirm keeps it"));
	assert_int_equal(save_trial_with("again", true, &e), 3);
	assert_int_equal(note_trial(2, SLOT_TRIAL_KEPT), -1);
	assert_int_equal(restore_with(0, NULL).sequence, 1);
	/* that boot is not what the trial was about: a save needs no confirmation */
	assert_int_equal(save("after").sequence, 4);
	shell("rm trial");
	assert_int_equal(restore_with(0, NULL).sequence, 4);
}

static void what_a_trial_goes_back_to_is_never_overwritten(void **state)
{
	struct err e = { 0 };

	(void)state;
	save("before");
	for (int i = 2; i < 12; i++) {
		assert_int_equal(save_trial_with("tried", true, &e), i);
		assert_int_equal(restore_with(0, NULL).sequence, 1);
		shell("rm trial");
	}
}

static void a_first_save_on_trial_goes_back_to_the_image(void **state)
{
	(void)state;
	save_trial("tried");
	assert_false(restore_with(0, NULL).restored);
	assert_name("image\n");
	assert_non_null(strstr(told, "nothing could be restored"));
}

static void times_of_trials_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		uint32_t seconds; /* 0: refused */
	} cases[] = {
		{ "10m", 600 }, { "10min", 600 },   { "90s", 90 }, { "45", 45 },
		{ "1h", 3600 }, { "168h", 604800 }, { "169h", 0 }, { "0", 0 },
		{ "0m", 0 },    { "", 0 },          { "m", 0 },    { "-5m", 0 },
		{ "10 m", 0 },  { "10d", 0 },       { "1.5h", 0 }, { "99999999999999999999", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t seconds = 0;

		print_message("  '%s'\n", cases[i].text);
		assert_int_equal(trial_parse_time(cases[i].text, &seconds), cases[i].seconds > 0);
		assert_int_equal(seconds, cases[i].seconds);
	}
	assert_string_equal(trial_time(600).text, "10 min");
	assert_string_equal(trial_time(90).text, "90 s");
}

#define TEST(f) cmocka_unit_test_setup(f, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_boot_takes_a_trial_that_was_cut_off),
		TEST(a_trial_that_cant_be_read_is_not_taken_for_none),
		TEST(one_boot_takes_a_trial_after_an_orderly_end),
		TEST(a_trial_whose_boot_can_not_be_noted_is_not_taken),
		TEST(a_confirmed_trial_is_like_any_other),
		TEST(a_save_in_the_middle_of_a_trial_is_refused_but_for_another_trial),
		TEST(what_a_trial_goes_back_to_is_never_overwritten),
		TEST(a_first_save_on_trial_goes_back_to_the_image),
		TEST(times_of_trials_are_read_as_people_write_them),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
