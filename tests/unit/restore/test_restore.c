/* commit, restore: generations on a medium that is a plain directory, and what a
 * boot takes of them. */
#include "../../../init/base/fd.h"
#include "../../../overlay/restore/restore.h"
#include "../../../overlay/save/commit.h"
#include "../../../overlay/save/trial.h"
#include "../../../overlay/slot/generations.h"

#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char base[] = "/tmp/slate-restore-XXXXXX";

static void shell(const char *command)
{
	assert_int_equal(system(command), 0);
}

static int start(void **state)
{
	(void)state;
	return mkdtemp(base) && chdir(base) == 0 ? 0 : -1;
}

static int stop(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -rf %s", base);
	return chdir("/") < 0 || system(command);
}

static int clean(void **state)
{
	(void)state;
	return system("rm -rf trial medium root pristine; mkdir medium pristine pristine/etc && "
	              "echo image >pristine/etc/name");
}

/* --- Saving: one file whose text says which generation it is --- */

struct text {
	const char *path, *bytes;
	size_t len, at;
	uint32_t mode;
};

static ssize_t give(void *ctx, void *buf, size_t len, struct err *e)
{
	struct text *t = ctx;
	size_t n = len < t->len - t->at ? len : t->len - t->at;

	(void)e;
	memcpy(buf, t->bytes + t->at, n);
	t->at += n;
	return (ssize_t)n;
}

static int one_file(void *ctx, const struct sink *sink, struct err *e)
{
	struct text *t = ctx;
	const struct member_data data = { give, t };
	const struct member m = { .type = MEMBER_FILE,
		                  .path = t->path,
		                  .size = t->len,
		                  .mode = t->mode ? t->mode : 0644,
		                  .uid = getuid(),
		                  .gid = getgid() };

	t->at = 0;
	return sink->member(sink->ctx, &m, &data, e);
}

static struct layer test_layer(void)
{
	return (struct layer){ .medium = "medium",
		           .upper = "-",
		           .pristine = "pristine",
		           .root = "-",
		           .lock = "lock",
		           .restored = "-",
		           .trial = "trial",
		           .name = "default",
		           .medium_fd = -1,
		           .upper_fd = -1,
		           .pristine_fd = -1,
		           .root_fd = -1 };
}

static int save_text(struct text text, const struct commit_options *o, struct commit_result *out,
                     struct err *e)
{
	struct layer l = test_layer();
	const struct pack_source source = { one_file, &text };
	int result = layer_open(&l, e);

	if (result == 0)
		result = commit(&l, &source, o, out, e);
	layer_close(&l);
	return result;
}

static int save_bytes(const char *path, const char *bytes, size_t len, uint32_t mode,
                      struct commit_result *out, struct err *e)
{
	const struct commit_options o = { 0 };

	return save_text((struct text){ path, bytes, len, 0, mode }, &o, out, e);
}

static struct commit_result save(const char *text)
{
	struct commit_result out;
	struct err e = { 0 };

	assert_int_equal(save_bytes("etc/name", text, strlen(text), 0, &out, &e), 0);
	return out;
}

static void flip(int number, off_t at)
{
	char path[100];
	uint8_t byte;

	snprintf(path, sizeof path, "medium/slate/saved/default/slot-%d.apkovl.tar.gz", number);

	FD_AUTO fd = open(path, O_RDWR);

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 4;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* --- Restoring --- */

static char told[2000];
static unsigned roots;

static int fresh_root(void *ctx, struct err *e)
{
	static int root = -1;

	(void)ctx, (void)e;
	fd_drop(&root);
	shell("rm -rf root; cp -a pristine root");
	roots++;
	return root = open("root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void degraded(void *ctx, const char *text)
{
	size_t len = strlen(told);

	(void)ctx;
	snprintf(told + len, sizeof told - len, "%s\n", text);
}

static bool may_write = true;
static int writable_calls;

static int set_writable(void *ctx, bool writable, struct err *e)
{
	(void)ctx;
	writable_calls += writable ? 1 : -1;
	return may_write ? 0 : err_say(e, "write-protected");
}

static struct restore_result restore_choosing(uint64_t generation, uint64_t older,
                                              const char *apkovl)
{
	FD_AUTO medium = open("medium", O_RDONLY | O_DIRECTORY);
	FD_AUTO pristine = open("pristine", O_RDONLY | O_DIRECTORY);
	const struct restore_plan plan = {
		.medium = medium,
		.pristine = pristine,
		.name = "default",
		.generation = generation,
		.older = older,
		.apkovl = apkovl,
		.record = "record",
		.trial = "trial",
		.fresh_root = fresh_root,
		.set_writable = set_writable,
		.degraded = degraded,
	};
	struct restore_result r;
	struct err e = { 0 };

	told[0] = '\0';
	roots = 0;
	shell("rm -rf root; cp -a pristine root");
	assert_int_equal(restore_boot(&plan, &r, &e), 0);
	return r;
}

static struct restore_result restore_with(uint64_t generation, const char *apkovl)
{
	return restore_choosing(generation, 0, apkovl);
}

static void assert_name(const char *want)
{
	char text[100];
	struct err e;

	assert_true(fd_read_file(AT_FDCWD, "root/etc/name", text, sizeof text, &e) >= 0);
	assert_string_equal(text, want);
}

static void nothing_saved_is_a_pristine_root_and_no_complaint(void **state)
{
	struct restore_result r = restore_with(0, NULL);

	(void)state;
	assert_false(r.restored);
	assert_string_equal(told, "");
}

static void the_newest_of_many_generations_is_restored(void **state)
{
	(void)state;
	for (int i = 1; i <= 9; i++) {
		char text[16];

		snprintf(text, sizeof text, "gen %d", i);
		assert_int_equal(save(text).sequence, i);
	}

	struct restore_result r = restore_with(0, NULL);

	assert_true(r.restored);
	assert_int_equal(r.sequence, 9);
	assert_int_equal(r.files, 1);
	assert_string_equal(told, "");
	assert_name("gen 9");
}

static void a_damaged_newest_gives_way_to_the_one_before(void **state)
{
	(void)state;
	save("one");
	save("two");
	flip(save("three").slot, 600);

	struct restore_result r = restore_with(0, NULL);

	assert_int_equal(r.sequence, 2);
	assert_name("two");
	assert_string_equal(told, "slot-2: damaged (digest does not match); not restored\n"
	                          "generation 2 (slot-1) was restored instead\n");
	flip(1, 100);
	r = restore_with(0, NULL);
	assert_int_equal(r.sequence, 1);
	assert_non_null(strstr(told, "slot-1: header is damaged (checksum does not match)"));
	assert_non_null(strstr(told, "slot-2: damaged"));
}

static void with_all_damaged_the_root_is_pristine_and_all_are_named(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		save("lost");
	for (int i = 0; i < 4; i++)
		flip(i, i % 2 ? 100 : 530);

	struct restore_result r = restore_with(0, NULL);

	assert_false(r.restored);
	assert_name("image\n");
	assert_non_null(strstr(told, "\nnothing could be restored: "));
	for (int i = 0; i < 4; i++) {
		char name[32];

		snprintf(name, sizeof name, "slot-%d:", i);
		assert_non_null(strstr(told, name));
	}
}

static void a_generation_that_is_asked_for_is_restored_or_an_older_one(void **state)
{
	(void)state;
	save("one");
	save("two");
	save("three");
	assert_int_equal(restore_with(2, NULL).sequence, 2);
	assert_name("two");
	flip(1, 600);
	assert_int_equal(restore_with(2, NULL).sequence, 1);
	assert_non_null(strstr(told, "generation 2 was asked for"));
}

static void older_generations_are_counted_from_the_newest(void **state)
{
	(void)state;
	save("one");
	save("two");
	save("three");
	assert_int_equal(restore_choosing(0, 1, NULL).sequence, 2);
	assert_string_equal(told, "");
	assert_int_equal(restore_choosing(0, 2, NULL).sequence, 1);
	assert_string_equal(told, "");
	assert_int_equal(restore_choosing(0, 3, NULL).sequence, 1);
	assert_non_null(strstr(told, "not 3 generations before the newest"));
	assert_int_equal(restore_choosing(3, 1, NULL).sequence, 3);
	assert_name("three");
}

/* The digest is right, but a member may not come back: it can't be saved by slate,
 * only made by somebody else. */
static void a_refused_member_refuses_its_generation_by_name(void **state)
{
	struct commit_result out;
	struct err e = { 0 };

	(void)state;
	save("good");
	assert_int_equal(save_bytes("etc/evil", "x", 1, 04755, &out, &e), 0);

	struct restore_result r = restore_with(0, NULL);

	assert_int_equal(r.sequence, 1);
	assert_string_equal(told, "slot-1: etc/evil: setuid bit that the image does not "
	                          "have there; not restored\n"
	                          "generation 1 (slot-0) was restored instead\n");
	assert_int_equal(access("root/etc/evil", F_OK), -1);
}

static void an_alpine_archive_is_the_oldest_generation(void **state)
{
	(void)state;
	shell("mkdir -p a/etc && echo alpine >a/etc/name && tar -C a -czf medium/box.apkovl.tar.gz "
	      "etc/name && rm -r a");

	struct restore_result r = restore_with(0, NULL);

	assert_true(r.restored);
	assert_int_equal(r.sequence, 0);
	assert_string_equal(r.source, "box.apkovl.tar.gz");
	assert_name("alpine\n");
	flip(save("slot").slot, 600);
	r = restore_with(0, NULL);
	assert_string_equal(r.source, "box.apkovl.tar.gz");
	/* the damaged slot is the first to be written again */
	save("later");
	assert_string_equal(restore_with(0, NULL).source, "slot-0");
	assert_string_equal(restore_with(0, "/box.apkovl.tar.gz").source, "box.apkovl.tar.gz");
	restore_with(0, "../record");
	assert_non_null(strstr(told, "../record: open"));
}

static void backups_of_lbu_are_older_still(void **state)
{
	(void)state;
	shell("for n in box.apkovl 1st.20240101000000 box.20250101000000 box.20251231235959 box.2025 "
	      "box.new; do mkdir -p a/etc && echo $n >a/etc/name && "
	      "tar -C a -czf medium/$n.tar.gz etc/name && rm -r a; done; mv medium/box.new.tar.gz "
	      "medium/box.apkovl.tar.gz.new");
	restore_with(0, NULL);
	assert_name("box.apkovl\n");
	assert_string_equal(told, "");
	shell("echo damage >medium/box.apkovl.tar.gz");
	restore_with(0, NULL);
	assert_name("box.20251231235959\n");
	assert_non_null(strstr(told, "box.20251231235959.tar.gz was restored instead\n"));
	shell("rm medium/*; cp -a pristine/etc etc; for n in a b; do tar -czf medium/$n.apkovl.tar.gz "
	      "etc; done; rm -r etc");
	restore_with(0, NULL);
	assert_string_equal(told, "2 archives are on the medium, a.apkovl.tar.gz is tried first; "
	                          "apkovl= chooses\n");
}

static void a_record_is_left_for_the_running_system(void **state)
{
	char text[500];
	struct err e;

	(void)state;
	save("one");
	restore_with(0, NULL);
	assert_true(fd_read_file(AT_FDCWD, "record", text, sizeof text, &e) > 0);
	assert_non_null(strstr(text, "name=default\nrestored=1\nsequence=1\n"));
}

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

/* --- Trials --- */

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
		{ "10m", 600 }, { "10min", 600 }, { "90s", 90 },  { "45", 45 },   { "1h", 3600 },
		{ "168h", 604800 }, { "169h", 0 }, { "0", 0 },     { "0m", 0 },    { "", 0 },
		{ "m", 0 },     { "-5m", 0 },     { "10 m", 0 },  { "10d", 0 },   { "1.5h", 0 },
		{ "99999999999999999999", 0 },
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
		TEST(nothing_saved_is_a_pristine_root_and_no_complaint),
		TEST(the_newest_of_many_generations_is_restored),
		TEST(a_damaged_newest_gives_way_to_the_one_before),
		TEST(with_all_damaged_the_root_is_pristine_and_all_are_named),
		TEST(a_generation_that_is_asked_for_is_restored_or_an_older_one),
		TEST(older_generations_are_counted_from_the_newest),
		TEST(a_refused_member_refuses_its_generation_by_name),
		TEST(an_alpine_archive_is_the_oldest_generation),
		TEST(backups_of_lbu_are_older_still),
		TEST(a_record_is_left_for_the_running_system),
		TEST(an_archive_that_outgrows_its_slots_gets_larger_ones),
		TEST(a_save_says_what_is_still_safe_when_it_fails),
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
