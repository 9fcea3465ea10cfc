/* crypt: what was encrypted comes back whole, under its own number and key, or not at
 * all; and which ways of encrypting a slot's header may name. */
#include "../../../init/base/fd.h"
#include "../../../overlay/slot/cryptkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 3 * CRYPT_CHUNK + 5, SEQUENCE = 41 };

static const uint8_t key[CRYPT_KEY] = { 1, 2, 3 }, other_key[CRYPT_KEY] = { 4 };
static uint8_t text[MOST], back[MOST + 1];
static struct cryptout out;
static struct cryptin in;

static int to_fd(void *ctx, const void *bytes, size_t len, struct err *e)
{
	return fd_write_full(*(int *)ctx, bytes, len) < 0 ? err_sys(e, "write") : 0;
}

/* A file with `len` bytes of `text`, encrypted. */
static int encrypted(size_t len)
{
	int fd = memfd_create("crypt", 0);
	struct err e = { 0 };

	randombytes_buf_deterministic(text, sizeof text, key);
	assert_int_equal(cryptout_start(&out, key, SEQUENCE, to_fd, &fd, &e), 0);
	for (size_t done = 0, n; done < len; done += n) {
		n = len - done < 50000 ? len - done : 50000;
		assert_int_equal(cryptout_write(&out, text + done, n, &e), 0);
	}
	assert_int_equal(cryptout_finish(&out, &e), 0);
	return fd;
}

/* Reads it all; -1 when any of it is refused. */
static ssize_t decrypted(int fd, const uint8_t with[CRYPT_KEY], uint64_t sequence, uint64_t end)
{
	struct err e = { 0 };
	size_t done = 0;
	ssize_t n = -1;

	if (cryptin_start(&in, fd, 0, end, with, sequence, &e) == 0)
		while (done < sizeof back &&
		       (n = cryptin_read(&in, back + done, sizeof back - done, &e)) > 0)
			done += (size_t)n;
	if (n < 0)
		assert_true(e.text[0]);
	return n < 0 ? -1 : (ssize_t)done;
}

static const size_t lengths[] = { 0, 1, CRYPT_CHUNK - 1, CRYPT_CHUNK, CRYPT_CHUNK + 1, MOST };

static void what_was_encrypted_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		FD_AUTO fd = encrypted(lengths[i]);
		struct stat st;

		assert_int_equal(fstat(fd, &st), 0);
		assert_int_equal(st.st_size, crypt_size(lengths[i]));
		assert_int_equal(decrypted(fd, key, SEQUENCE, crypt_size(lengths[i])), lengths[i]);
		assert_memory_equal(back, text, lengths[i]);
	}
}

static void another_key_or_number_opens_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		FD_AUTO fd = encrypted(lengths[i]);

		assert_int_equal(decrypted(fd, other_key, SEQUENCE, crypt_size(lengths[i])), -1);
		assert_int_equal(decrypted(fd, key, SEQUENCE + 1, crypt_size(lengths[i])), -1);
	}
}

static void a_stream_that_ends_elsewhere_is_refused(void **state)
{
	FD_AUTO fd = encrypted(CRYPT_CHUNK + 100);
	uint64_t whole = crypt_size(CRYPT_CHUNK + 100), first = crypt_size(0) + CRYPT_CHUNK;

	(void)state;
	for (uint64_t end = 0; end < whole; end += end < 100 ? 1 : 997)
		assert_int_equal(decrypted(fd, key, SEQUENCE, end), -1);
	assert_int_equal(decrypted(fd, key, SEQUENCE, first), -1); /* a chunk, whole, is no end */
	assert_int_equal(write(fd, "more than a chunk's overhead", 28), 28);
	assert_int_equal(decrypted(fd, key, SEQUENCE, whole + 28), -1);
	assert_int_equal(decrypted(fd, key, SEQUENCE, whole), CRYPT_CHUNK + 100);
}

static void every_changed_byte_is_refused(void **state)
{
	FD_AUTO fd = encrypted(300);

	(void)state;
	for (off_t at = 0; at < (off_t)crypt_size(300); at++) {
		uint8_t byte;

		assert_int_equal(pread(fd, &byte, 1, at), 1);
		byte ^= 0x20;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		assert_int_equal(decrypted(fd, key, SEQUENCE, crypt_size(300)), -1);
		byte ^= 0x20;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	}
}

static void a_header_names_only_ways_that_there_are(void **state)
{
	static const struct {
		struct slot_crypt crypt;
		int found;
	} rows[] = {
		{ { 0 }, 1 },
		{ { .kind = SLOT_CRYPT_DEVICE }, 1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 2, .memory_kib = 65536 }, 1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 1, .memory_kib = 8 }, 1 },
		{ { .kind = 3 }, -1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 0, .memory_kib = 65536 }, -1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 17, .memory_kib = 65536 }, -1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 2, .memory_kib = 7 }, -1 },
		{ { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 2, .memory_kib = UINT32_MAX }, -1 },
		{ { .kind = SLOT_CRYPT_DEVICE, .passes = 2 }, -1 },
		{ { .kind = SLOT_CRYPT_DEVICE, .salt = { 1 } }, -1 },
		{ { .memory_kib = 65536 }, -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct slot_record record = { .sequence = 1,
			                      .payload = 100,
			                      .crypt = rows[i].crypt };
		struct slot_record again;
		uint8_t sector[SLOT_HEADER];
		struct err e = { 0 };

		slot_encode(&record, sector);
		assert_int_equal(slot_decode(sector, sizeof sector, 4096, &again, &e),
		                 rows[i].found);
		if (rows[i].found > 0)
			assert_memory_equal(&again.crypt, &record.crypt, sizeof record.crypt);
	}
}

static void a_passphrase_is_kept_for_its_own_salt_alone(void **state)
{
	char folder[] = "/tmp/slate-crypt-XXXXXX", path[64];
	struct slot_crypt cheap = { .kind = SLOT_CRYPT_PASSPHRASE, .passes = 1, .memory_kib = 8 };
	struct slot_crypt kept;
	uint8_t secret[32], again[32], a[CRYPT_KEY], b[CRYPT_KEY];
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(crypt_passphrase_kept(folder, &kept, &e), 0);
	assert_int_equal(crypt_key(folder, &cheap, a, &e), -1);
	assert_non_null(strstr(e.text, "was not given"));
	assert_int_equal(crypt_passphrase_secret("open", 4, &cheap, secret, &e), 0);
	assert_int_equal(crypt_passphrase_secret("shut", 4, &cheap, again, &e), 0);
	assert_memory_not_equal(secret, again, sizeof secret);
	assert_int_equal(crypt_passphrase_keep(folder, &cheap, secret, &e), 0);
	assert_int_equal(crypt_passphrase_kept(folder, &kept, &e), 1);
	assert_memory_equal(&kept, &cheap, sizeof cheap);
	assert_int_equal(crypt_key(folder, &cheap, a, &e), 0);
	crypt_key_of(secret, b);
	assert_memory_equal(a, b, sizeof a);
	cheap.salt[3] = 9;
	assert_int_equal(crypt_key(folder, &cheap, a, &e), -1);
	assert_non_null(strstr(e.text, "another passphrase"));
	snprintf(path, sizeof path, "%s/passphrase", folder);
	assert_int_equal(unlink(path) | rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_encrypted_comes_back),
		cmocka_unit_test(another_key_or_number_opens_nothing),
		cmocka_unit_test(a_stream_that_ends_elsewhere_is_refused),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(a_header_names_only_ways_that_there_are),
		cmocka_unit_test(a_passphrase_is_kept_for_its_own_salt_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
