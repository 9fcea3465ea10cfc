/* slotset, slotout, slotmark: which slot is read and which is written. */
#include "../../../init/base/fd.h"
#include "../../../overlay/slot/slot.h"
#include "../../../overlay/slot/slotmark.h"
#include "../../../overlay/slot/slotout.h"
#include "../../../overlay/slot/slotset.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIZE = 64 * 1024 };

static char dir_path[] = "/tmp/slate-slot-XXXXXX";
static int dir;

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir_path))
		return -1;
	dir = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0;
}

static int remove_dir(void **state)
{
	char command[100];

	(void)state;
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", dir_path);
	return system(command);
}

static int empty_dir(void **state)
{
	char command[100];

	(void)state;
	snprintf(command, sizeof command, "rm -f %s/*", dir_path);
	return system(command);
}

/* Writes `len` bytes as a generation; returns what slotout_finish returned. */
static int write_generation(int number, uint64_t sequence, size_t len)
{
	const struct slot_record record = { .sequence = sequence, .time = 1 };
	struct slotout out;
	struct err e = { 0 };
	int result = slotout_start(&out, dir, number, &record, &e);

	for (size_t i = 0; result == 0 && i < len; i++)
		result = slotout_write(&out, "x", 1, &e);
	if (result == 0)
		result = slotout_finish(&out, len, 1, NULL, &e);
	slotout_drop(&out);
	return result;
}

static void make_slots(int count)
{
	struct err e = { 0 };

	assert_int_equal(slot_create_set(dir, 0, count, SIZE, NULL, NULL, &e), 0);
}

static void scan(struct slotset *set)
{
	struct err e = { 0 };

	assert_int_equal(slotset_scan(dir, set, &e), 0);
	slotset_verify_all(dir, set, NULL);
}

static void flip(int number, off_t at)
{
	FD_AUTO fd = slot_open(dir, number, O_RDWR);
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void a_save_goes_into_the_oldest_slot_and_never_the_newest(void **state)
{
	struct slotset set;

	(void)state;
	make_slots(4);
	for (uint64_t sequence = 1; sequence < 20; sequence++) {
		scan(&set);
		const struct slot *newest = slotset_newest(&set);
		uint64_t before = newest ? newest->record.sequence : 0;
		struct slot *target = slotset_target(&set, 1000, NULL);

		assert_non_null(target);
		assert_int_equal(slotset_next_sequence(&set), sequence);
		assert_int_equal(write_generation(target->number, sequence, 1000), 0);
		/* all that it replaced is the oldest of four */
		scan(&set);
		assert_int_equal(slotset_newest(&set)->record.sequence, sequence);
		for (uint64_t s = sequence > 3 ? sequence - 3 : 1; s <= before; s++)
			assert_non_null(slotset_find(&set, s));
	}
}

static void a_flipped_bit_of_the_payload_makes_the_one_before_the_newest(void **state)
{
	struct slotset set;

	(void)state;
	make_slots(3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write_generation(i, (uint64_t)i + 1, 1000), 0);
	flip(2, 512 + 999);
	scan(&set);
	assert_int_equal(set.slots[2].state, SLOT_DAMAGED);
	assert_string_equal(set.slots[2].why, "damaged (digest does not match)");
	assert_int_equal(slotset_newest(&set)->record.sequence, 2);
	/* its number is not given again, and it is the one to overwrite */
	assert_int_equal(slotset_next_sequence(&set), 4);
	assert_int_equal(slotset_target(&set, 100, NULL)->number, 2);
	/* what lies behind the payload does not count */
	flip(1, 512 + 1000);
	scan(&set);
	assert_int_equal(slotset_newest(&set)->record.sequence, 2);
}

static void a_truncated_slot_is_damaged_wherever_it_ends(void **state)
{
	static const off_t lengths[] = { 0, 1, 511, 512, 1024, 1511 };

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct slotset set;

		empty_dir(NULL);
		make_slots(2);
		assert_int_equal(write_generation(0, 1, 1000), 0);
		assert_int_equal(write_generation(1, 2, 1000), 0);

		FD_AUTO fd = slot_open(dir, 1, O_RDWR);

		assert_int_equal(ftruncate(fd, lengths[i]), 0);
		scan(&set);
		assert_int_equal(slotset_newest(&set)->record.sequence, 1);
		assert_true(set.slots[1].state == SLOT_DAMAGED ||
		            set.slots[1].state == SLOT_UNUSABLE);
		assert_null(slotset_target(&set, 5000, NULL));
	}
}

static void an_unfinished_save_is_no_generation(void **state)
{
	const struct slot_record record = { .sequence = 2, .time = 1 };
	struct slotset set;
	struct slotout out;
	struct err e = { 0 };

	(void)state;
	make_slots(2);
	assert_int_equal(write_generation(0, 1, 1000), 0);
	assert_int_equal(slotout_start(&out, dir, 1, &record, &e), 0);
	assert_int_equal(slotout_write(&out, "partly", 6, &e), 0);
	slotout_drop(&out);
	scan(&set);
	assert_int_equal(set.slots[1].state, SLOT_UNFINISHED);
	assert_int_equal(slotset_newest(&set)->record.sequence, 1);
	assert_int_equal(slotset_target(&set, 100, NULL)->number, 1);
	assert_int_equal(slotset_next_sequence(&set), 3);
}

static void what_does_not_fit_is_refused_before_it_is_written(void **state)
{
	(void)state;
	make_slots(2);
	assert_int_equal(write_generation(0, 1, SIZE - SLOT_HEADER), 0);
	assert_int_equal(write_generation(1, 2, SIZE - SLOT_HEADER + 1), -1);
}

static void a_slot_that_is_kept_is_not_a_target(void **state)
{
	struct slotset set;

	(void)state;
	make_slots(3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(write_generation(i, (uint64_t)i + 1, 10), 0);
	scan(&set);
	assert_int_equal(slotset_target(&set, 10, slotset_find(&set, 1))->number, 1);
}

/* The state of a trial is not part of the digest, or noting it would damage the slot. */
static void a_trial_can_be_noted_and_only_while_it_is_open(void **state)
{
	struct slotset set;
	struct slot_record record = { .sequence = 1, .trial_s = 60, .trial = SLOT_TRIAL_OPEN };
	struct slotout out;
	struct err e = { 0 };

	(void)state;
	make_slots(2);
	assert_int_equal(slotout_start(&out, dir, 0, &record, &e), 0);
	assert_int_equal(slotout_write(&out, "twelve bytes", 12, &e), 0);
	assert_int_equal(slotout_finish(&out, 12, 1, NULL, &e), 0);
	slotout_drop(&out);
	assert_int_equal(slotmark(dir, 0, 2, SLOT_TRIAL_ARMED, &e), -1);
	assert_int_equal(slotmark(dir, 1, 1, SLOT_TRIAL_ARMED, &e), -1);
	assert_string_equal(e.text, "slot-1: empty");
	assert_int_equal(slotmark(dir, 0, 1, SLOT_TRIAL_ARMED, &e), 0);
	assert_int_equal(slotmark(dir, 0, 1, SLOT_TRIAL_BOOTED, &e), 0);
	scan(&set);
	assert_int_equal(set.slots[0].state, SLOT_VALID);
	assert_int_equal(set.slots[0].record.trial, SLOT_TRIAL_BOOTED);
	assert_ptr_equal(slotset_newest(&set), &set.slots[0]);
	assert_null(slotset_settled(&set));
	assert_int_equal(slotmark(dir, 0, 1, SLOT_TRIAL_LATE, &e), 0);
	assert_int_equal(slotmark(dir, 0, 1, SLOT_TRIAL_KEPT, &e), -1);
	scan(&set);
	assert_null(slotset_newest(&set));
	assert_int_equal(write_generation(1, 2, 10), 0);
	assert_int_equal(slotmark(dir, 1, 2, SLOT_TRIAL_LATE, &e), -1);
}

static void a_payload_of_many_buffers_is_read_back_whole(void **state)
{
	struct slotset set;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(slot_create_set(dir, 0, 1, 1 << 20, NULL, NULL, &e), 0);
	assert_int_equal(write_generation(0, 1, 3 * SLOTOUT_BUFFER + 17), 0);
	scan(&set);
	assert_int_equal(set.slots[0].state, SLOT_VALID);
}

static void new_slots_get_new_numbers_and_full_size(void **state)
{
	struct slotset set;
	struct err e = { 0 };

	(void)state;
	make_slots(2);
	scan(&set);
	assert_int_equal(slotset_free_number(&set), 2);
	assert_int_equal(slot_create_set(dir, 2, 2, 2 * SIZE, NULL, NULL, &e), 0);
	scan(&set);
	assert_int_equal(set.n, 4);
	assert_int_equal(set.slots[3].file_size, 2 * SIZE);
	assert_int_equal(set.slots[3].state, SLOT_EMPTY);
	/* a name that is taken is never written over */
	assert_int_equal(slot_create_set(dir, 1, 1, SIZE, NULL, NULL, &e), -1);
}

/* A sector as slot_encode makes it, for a record that no save would write. */
static void forge_header(int number, uint64_t sequence)
{
	const struct slot_record record = { .sequence = sequence, .payload = 100, .time = 1 };
	FD_AUTO fd = slot_open(dir, number, O_RDWR);
	uint8_t sector[SLOT_HEADER];

	slot_encode(&record, sector);
	assert_int_equal(pwrite(fd, sector, sizeof sector, 0), sizeof sector);
}

static void a_number_out_of_range_is_not_counted_on_from(void **state)
{
	static const uint64_t numbers[] = { UINT64_MAX, UINT64_MAX - 1, SLOT_SEQUENCE_MAX + 1 };

	(void)state;
	make_slots(3);
	assert_int_equal(write_generation(0, 7, 1000), 0);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct slotset set;

		forge_header(1, numbers[i]);
		scan(&set);
		assert_int_equal(set.slots[1].state, SLOT_DAMAGED);
		assert_int_equal(slotset_next_sequence(&set), 8);
	}
}

/* Each save as commit makes it: it must be the newest afterwards, and the one before
 * must be there until it is. */
static void save_once(uint64_t number, int forged)
{
	struct slotset set;
	struct slot *slot;
	struct err e = { 0 };

	scan(&set);
	assert_int_equal(slotset_next_sequence(&set), number);
	slot = slotset_target(&set, 1000, NULL);
	assert_ptr_not_equal(slot, slotset_newest(&set));
	assert_int_equal(write_generation(slot->number, number, 1000), 0);
	scan(&set);
	for (int i = 0; i < forged; i++)
		assert_int_equal(slotset_clear(dir, slotset_above(&set, number), &e), 0);
	assert_null(slotset_above(&set, number));
	scan(&set);
	assert_int_equal(slotset_newest(&set)->record.sequence, number);
}

static void forged_numbers_at_the_end_do_not_stop_saving(void **state)
{
	(void)state;
	make_slots(4);
	assert_int_equal(write_generation(0, 7, 1000), 0);
	assert_int_equal(write_generation(1, SLOT_SEQUENCE_MAX - SLOTSET_MAX - 1, 1000), 0);
	save_once(SLOT_SEQUENCE_MAX - SLOTSET_MAX, 0);
	save_once(8, 2);
	save_once(9, 0);
	assert_int_equal(write_generation(1, SLOT_SEQUENCE_EARNED, 1000), 0);
	save_once(SLOT_SEQUENCE_EARNED + 1, 0);
	save_once(SLOT_SEQUENCE_EARNED + 2, 0);
}

#define TEST(f) cmocka_unit_test_teardown(f, empty_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_save_goes_into_the_oldest_slot_and_never_the_newest),
		TEST(a_flipped_bit_of_the_payload_makes_the_one_before_the_newest),
		TEST(a_truncated_slot_is_damaged_wherever_it_ends),
		TEST(an_unfinished_save_is_no_generation),
		TEST(what_does_not_fit_is_refused_before_it_is_written),
		TEST(a_slot_that_is_kept_is_not_a_target),
		TEST(a_trial_can_be_noted_and_only_while_it_is_open),
		TEST(a_payload_of_many_buffers_is_read_back_whole),
		TEST(new_slots_get_new_numbers_and_full_size),
		TEST(a_number_out_of_range_is_not_counted_on_from),
		TEST(forged_numbers_at_the_end_do_not_stop_saving),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
