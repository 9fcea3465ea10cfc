/* signer, vouch: what a signature covers, and whose counts under which policy. */
#include "../../../init/base/fd.h"
#include "../../../overlay/slot/signer.h"
#include "../../../overlay/slot/vouch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct signer ours, theirs;

static int make_keys(void **state)
{
	const uint8_t one[SIGNER_BYTES] = { 1 }, two[SIGNER_BYTES] = { 2 };

	(void)state;
	signer_derive(&ours, one);
	signer_derive(&theirs, two);
	return 0;
}

static const struct slot_record plain = { .sequence = 41,
	                                  .payload = 100,
	                                  .size = 300,
	                                  .time = 1795000000,
	                                  .members = 3,
	                                  .message = "m" };

/* The digest as slotout makes it, of a payload that is not there. */
static void seal(struct slot_record *record, const struct signer *signer)
{
	crypto_generichash_state state;

	slot_digest_start(&state);
	slot_digest_end(&state, record, record->digest);
	if (signer)
		signer_sign(signer, record);
}

static void a_signature_survives_the_header_and_is_checked(void **state)
{
	struct slot_record record = plain, again;
	uint8_t sector[SLOT_HEADER];
	struct err e = { 0 };

	(void)state;
	seal(&record, &ours);
	slot_encode(&record, sector);
	assert_int_equal(slot_decode(sector, sizeof sector, 4096, &again, &e), 1);
	assert_true(again.is_signed);
	assert_int_equal(signer_check(&again, &ours.key, 1, &e), 0);
	assert_int_equal(signer_check(&again, &theirs.key, 1, &e), -1);
	assert_non_null(strstr(e.text, "not trusted here"));
	assert_int_equal(signer_check(&plain, &ours.key, 1, &e), -1);
	assert_string_equal(e.text, "not signed");
}

static void nothing_of_a_signed_record_can_be_exchanged(void **state)
{
	struct slot_record changed[6];
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		changed[i] = plain;
		seal(&changed[i], &ours);
	}
	changed[0].sequence++;
	changed[1].payload++;
	changed[2].size++;
	changed[3].time--;
	changed[4].members++;
	changed[5].message[0] = 'x';
	for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
		seal(&changed[i], NULL);
		assert_int_equal(signer_check(&changed[i], &ours.key, 1, &e), -1);
		assert_non_null(strstr(e.text, "of something else"));
	}
}

static void every_changed_bit_of_a_signature_is_refused(void **state)
{
	struct slot_record record = plain;
	struct err e = { 0 };

	(void)state;
	seal(&record, &ours);
	for (size_t bit = 0; bit < 8 * (SLOT_SIGNATURE + SLOT_SIGNER); bit++) {
		uint8_t *byte = bit / 8 < SLOT_SIGNATURE ? &record.signature[bit / 8]
		                                         : &record.signer[bit / 8 - SLOT_SIGNATURE];

		*byte ^= (uint8_t)(1u << bit % 8);
		assert_int_equal(signer_check(&record, &ours.key, 1, &e), -1);
		*byte ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(signer_check(&record, &ours.key, 1, &e), 0);
}

static void the_policy_decides_what_is_taken(void **state)
{
	static const struct {
		enum setting_verify policy;
		const struct signer *by;
		int result;
	} rows[] = {
		{ VERIFY_NO, NULL, 0 },         { VERIFY_NO, &theirs, 0 },
		{ VERIFY_IF_SIGNED, NULL, 0 },  { VERIFY_IF_SIGNED, &theirs, -1 },
		{ VERIFY_IF_SIGNED, &ours, 0 }, { VERIFY_REQUIRE, NULL, -1 },
		{ VERIFY_REQUIRE, &ours, 0 },   { VERIFY_REQUIRE, &theirs, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct vouch v = { .policy = rows[i].policy, .keys = { { ours.key }, 1 } };
		struct slot_record record = plain;
		struct err e = { 0 };

		seal(&record, rows[i].by);
		assert_int_equal(vouch_slot(&v, &record, &e), rows[i].result);
	}
	assert_int_equal(vouch_slot(NULL, &plain, NULL), 0);
}

static void what_is_not_set_follows_from_the_keys(void **state)
{
	(void)state;
	assert_int_equal(vouch_policy(VERIFY_UNSET, false, false), VERIFY_NO);
	assert_int_equal(vouch_policy(VERIFY_UNSET, false, true), VERIFY_IF_SIGNED);
	assert_int_equal(vouch_policy(VERIFY_UNSET, true, true), VERIFY_REQUIRE);
	/* the key was not found: still nothing else is taken */
	assert_int_equal(vouch_policy(VERIFY_UNSET, true, false), VERIFY_REQUIRE);
	assert_int_equal(vouch_policy(VERIFY_NO, true, true), VERIFY_NO);
	assert_int_equal(vouch_policy(VERIFY_REQUIRE, false, false), VERIFY_REQUIRE);
}

static int read_of(size_t len, uint8_t secret[SIGNER_BYTES], struct err *e)
{
	static const uint8_t bytes[SIGNER_FILE_MAX + 100] = { 7 };
	char path[] = "/tmp/slate-key-XXXXXX";
	FD_AUTO fd = mkstemp(path);

	assert_true(fd >= 0 && unlink(path) == 0);
	assert_int_equal(write(fd, bytes, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return signer_read_file(fd, secret, e);
}

static void a_key_file_has_a_size_that_keys_have(void **state)
{
	uint8_t a[SIGNER_BYTES], b[SIGNER_BYTES];
	struct err e = { 0 };

	(void)state;
	assert_int_equal(read_of(SIGNER_FILE_MIN - 1, a, &e), -1);
	assert_int_equal(read_of(0, a, &e), -1);
	assert_int_equal(read_of(SIGNER_FILE_MAX + 1, a, &e), -1);
	assert_non_null(strstr(e.text, "32 to 8192 bytes"));
	assert_int_equal(read_of(SIGNER_FILE_MIN, a, &e), 0);
	assert_int_equal(read_of(SIGNER_FILE_MAX, b, &e), 0);
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_survives_the_header_and_is_checked),
		cmocka_unit_test(nothing_of_a_signed_record_can_be_exchanged),
		cmocka_unit_test(every_changed_bit_of_a_signature_is_refused),
		cmocka_unit_test(the_policy_decides_what_is_taken),
		cmocka_unit_test(what_is_not_set_follows_from_the_keys),
		cmocka_unit_test(a_key_file_has_a_size_that_keys_have),
	};

	return cmocka_run_group_tests(tests, make_keys, NULL);
}
