/* slot: what stands in a slot's header, and what a slot is called. */
#include "../../../overlay/slot/slot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SIZE = 64 * 1024 };

static const struct slot_record example = {
	.sequence = 41,
	.payload = 1000,
	.size = 5000,
	.time = 1795000000,
	.members = 7,
	.message = "before the update",
};

static void a_record_comes_back_as_it_was_written(void **state)
{
	uint8_t sector[SLOT_HEADER];
	struct slot_record out;
	struct err e = { 0 };

	(void)state;
	slot_encode(&example, sector);
	assert_int_equal(slot_decode(sector, sizeof sector, SIZE, &out, &e), 1);
	assert_memory_equal(&out, &example, sizeof out);
}

static void every_flipped_bit_of_a_header_is_noticed(void **state)
{
	uint8_t sector[SLOT_HEADER];
	struct slot_record out;
	struct err e;

	(void)state;
	slot_encode(&example, sector);
	for (size_t bit = 0; bit < 8 * SLOT_HEADER; bit++) {
		sector[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(slot_decode(sector, sizeof sector, SIZE, &out, &e), -1);
		sector[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

struct header_case {
	const char *row;
	struct slot_record record;
	uint64_t file_size;
	int result;
	const char *why;
};

static void check_header(const struct header_case *c)
{
	uint8_t sector[SLOT_HEADER];
	struct slot_record out;
	struct err e = { 0 };

	print_message("  %s\n", c->row);
	slot_encode(&c->record, sector);
	assert_int_equal(slot_decode(sector, SLOT_HEADER, c->file_size, &out, &e), c->result);
	assert_string_equal(e.text, c->why);
}

static void a_header_names_an_archive_that_its_file_holds(void **state)
{
	static const struct header_case cases[] = {
		{ "fits exactly", { .sequence = 1, .payload = SIZE - 512 }, SIZE, 1, "" },
		{ "longer than the file",
		  { .sequence = 1, .payload = SIZE },
		  SIZE,
		  -1,
		  "cut short: 65024 bytes of 65536" },
		{ "no archive",
		  { .sequence = 1, .payload = 2 },
		  SIZE,
		  -1,
		  "header names no archive" },
		{ "wraps around",
		  { .sequence = 1, .payload = UINT64_MAX },
		  SIZE,
		  -1,
		  "cut short: 65024 bytes of 18446744073709551615" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_header(&cases[i]);
}

static void a_header_has_a_sequence_number(void **state)
{
	static const struct header_case cases[] = {
		{ "no sequence", { .payload = 100 }, SIZE, -1, "header has no sequence number" },
		{ "the last sequence", { .sequence = INT64_MAX, .payload = 100 }, SIZE, 1, "" },
		{ "past it",
		  { .sequence = (uint64_t)INT64_MAX + 1, .payload = 100 },
		  SIZE,
		  -1,
		  "header has no sequence number" },
		{ "being written", { .sequence = 9, .unfinished = true }, SIZE, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_header(&cases[i]);
}

static void a_header_has_a_trial_that_is_known_and_ends(void **state)
{
	static const struct header_case cases[] = {
		{ "on trial",
		  { .sequence = 9, .payload = 100, .trial_s = 60, .trial = SLOT_TRIAL_OPEN },
		  SIZE,
		  1,
		  "" },
		{ "a trial without a time",
		  { .sequence = 9, .payload = 100, .trial = SLOT_TRIAL_OPEN },
		  SIZE,
		  -1,
		  "header holds what this version does not know" },
		{ "a trial in no known state",
		  { .sequence = 9, .payload = 100, .trial_s = 60, .trial = SLOT_TRIALS },
		  SIZE,
		  -1,
		  "header holds what this version does not know" },
		{ "a trial for ever",
		  { .sequence = 9,
		    .payload = 100,
		    .trial_s = UINT32_MAX,
		    .trial = SLOT_TRIAL_OPEN },
		  SIZE,
		  -1,
		  "header holds what this version does not know" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_header(&cases[i]);
}

static void zeros_are_an_empty_slot_and_a_short_file_is_damage(void **state)
{
	static const uint8_t zeros[SLOT_HEADER];
	struct slot_record out;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(slot_decode(zeros, SLOT_HEADER, SIZE, &out, &e), 0);
	assert_int_equal(slot_decode(zeros, 100, 100, &out, &e), -1);
}

static void only_slot_names_are_slots(void **state)
{
	static const struct {
		const char *name;
		int number;
	} cases[] = {
		{ "slot-0.apkovl.tar.gz", 0 },           { "slot-17.apkovl.tar.gz", 17 },
		{ "slot-.apkovl.tar.gz", -1 },           { "slot--1.apkovl.tar.gz", -1 },
		{ "slot-01.apkovl.tar.gz", -1 },         { "slot-1.apkovl.tar.gz.new", -1 },
		{ "slot-99999.apkovl.tar.gz", -1 },      { "host.apkovl.tar.gz", -1 },
		{ "slot-4294967296.apkovl.tar.gz", -1 }, { "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(slot_number(cases[i].name), cases[i].number);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back_as_it_was_written),
		cmocka_unit_test(every_flipped_bit_of_a_header_is_noticed),
		cmocka_unit_test(a_header_names_an_archive_that_its_file_holds),
		cmocka_unit_test(a_header_has_a_sequence_number),
		cmocka_unit_test(a_header_has_a_trial_that_is_known_and_ends),
		cmocka_unit_test(zeros_are_an_empty_slot_and_a_short_file_is_damage),
		cmocka_unit_test(only_slot_names_are_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
