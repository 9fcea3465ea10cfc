/* restore: which generation a boot takes, and what it says of those that it does not. */
#include "saved.h"

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
	};

	return cmocka_run_group_tests(tests, start, stop);
}
