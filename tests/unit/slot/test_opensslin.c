/* opensslin: files that openssl made of a gzip of "hello\n", with the passphrase "word". */
#include "../../../overlay/slot/opensslin.h"
#include "../../../overlay/tar/gzin.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { CIPHERTEXT = 32, FILE_BYTES = OPENSSLIN_HEADER + CIPHERTEXT };

/* openssl enc -aes-256-cbc -S 0102030405060708 … -pass pass:word */
static const struct {
	const char *row;
	uint8_t bytes[CIPHERTEXT];
} made[] = {
	{ "-md sha256",
	  { 0x7b, 0xdb, 0x5e, 0x83, 0x89, 0x83, 0x29, 0x6f, 0x09, 0xd2, 0xf1,
	    0xb4, 0x59, 0x04, 0x0c, 0xc1, 0xe9, 0x43, 0x31, 0x91, 0xdf, 0x1b,
	    0x99, 0x3e, 0xfa, 0x06, 0xbe, 0xe8, 0x4b, 0x8c, 0x2b, 0xa0 } },
	{ "-md md5",
	  { 0x72, 0x5c, 0xc3, 0x25, 0x8e, 0x7b, 0x4a, 0x7f, 0x46, 0x7e, 0xfb,
	    0x37, 0x34, 0xad, 0x3f, 0x7e, 0x2c, 0xce, 0x76, 0x4b, 0x69, 0xbb,
	    0xa1, 0x88, 0xb0, 0x0b, 0x57, 0xf3, 0x44, 0x7d, 0x25, 0xeb } },
	{ "-pbkdf2",
	  { 0x25, 0xa0, 0x96, 0x9f, 0xc9, 0x52, 0x5c, 0x78, 0x6a, 0xe8, 0xac,
	    0x81, 0x42, 0x82, 0x53, 0xa8, 0x3a, 0xb4, 0xf3, 0xd4, 0x24, 0xf8,
	    0x63, 0x8c, 0x56, 0x78, 0x67, 0x97, 0xf0, 0xbb, 0x8d, 0x66 } },
};

static void put_file(uint8_t out[FILE_BYTES], size_t i)
{
	memcpy(out, "Salted__\1\2\3\4\5\6\7\10", OPENSSLIN_HEADER);
	memcpy(out + OPENSSLIN_HEADER, made[i].bytes, CIPHERTEXT);
}

static int fd_of(const void *bytes, size_t len)
{
	int fd = memfd_create("openssl", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

/* What the file holds, or the reason why not. */
static const char *content_of(const void *bytes, size_t len, const struct opensslin_secret *secret)
{
	static char text[400];
	static struct gzin gz;
	struct opensslin *in = malloc(sizeof *in);
	const struct gzin_crypt crypt = { 0, opensslin_read, in };
	int fd = fd_of(bytes, len);
	struct err e = { 0 };
	ssize_t n = -1;

	assert_non_null(in);
	if (opensslin_start(in, fd, len, secret, &e) == 0) {
		assert_int_equal(gzin_open(&gz, fd, len, &crypt, 1000, &e), 0);
		n = gzin_read(&gz, text, sizeof text - 1, &e);
		gzin_close(&gz);
	}
	if (n < 0)
		snprintf(text, sizeof text, "%s", e.text);
	else
		text[n] = '\0';
	opensslin_wipe(in);
	free(in);
	close(fd);
	return text;
}

static void each_way_to_a_key_is_found_by_what_it_brings_out(void **state)
{
	struct opensslin_secret secret;
	uint8_t file[FILE_BYTES];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		put_file(file, i);

		int fd = fd_of(file, sizeof file);

		assert_int_equal(opensslin_is(fd, NULL, &e), 1);
		if (opensslin_guess(fd, "word", 4, &secret, &e) < 0)
			fail_msg("%s: %s", made[i].row, e.text);
		assert_string_equal(content_of(file, sizeof file, &secret), "hello\n");
		assert_int_equal(opensslin_guess(fd, "ward", 4, &secret, &e), -1);
		assert_string_equal(e.text, "that is not the passphrase, or the file begins with "
		                            "damage");
		close(fd);
	}
}

static void damage_is_told_from_a_wrong_passphrase(void **state)
{
	struct opensslin_secret secret;
	uint8_t file[FILE_BYTES + OPENSSLIN_BLOCK] = { 0 };
	struct err e;

	(void)state;
	put_file(file, 0);

	int fd = fd_of(file, FILE_BYTES);

	assert_int_equal(opensslin_guess(fd, "word", 4, &secret, &e), 0);
	close(fd);
	assert_string_equal(content_of(file, FILE_BYTES - 1, &secret),
	                    "cut short: no whole number of encrypted blocks");
	assert_string_equal(content_of(file, OPENSSLIN_HEADER, &secret),
	                    "cut short: no whole number of encrypted blocks");
	assert_string_equal(content_of(file, FILE_BYTES - OPENSSLIN_BLOCK, &secret),
	                    "does not decrypt to its end: cut short, or damaged");
	assert_string_equal(content_of(file, sizeof file, &secret),
	                    "does not decrypt to its end: cut short, or damaged");
	/* a bit of the first block flips one of the second, which is gzip's checksum */
	file[OPENSSLIN_HEADER + 4] ^= 1;
	assert_non_null(strstr(content_of(file, FILE_BYTES, &secret), "gzip stream"));
}

static void what_is_something_else_is_not_taken_for_it(void **state)
{
	struct opensslin_secret secret;
	struct err e;

	(void)state;

	int fd = fd_of("Salted__1234567", 15);

	assert_int_equal(opensslin_is(fd, NULL, &e), 0);
	assert_int_equal(opensslin_guess(fd, "word", 4, &secret, &e), -1);
	assert_string_equal(e.text, "not encrypted by openssl");
	close(fd);
	fd = fd_of("Salted__12345678short", 21);
	assert_int_equal(opensslin_guess(fd, "word", 4, &secret, &e), -1);
	assert_string_equal(e.text, "cut short");
	close(fd);
}

static void a_secret_is_kept_for_its_own_file(void **state)
{
	char folder[] = "/tmp/slate-openssl-XXXXXX", command[64];
	struct opensslin_secret secret, again;
	uint8_t file[FILE_BYTES];
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(folder));
	put_file(file, 1);

	int fd = fd_of(file, sizeof file);

	assert_int_equal(opensslin_kept(NULL, fd, &again, &e), 0);
	assert_int_equal(opensslin_kept(folder, fd, &again, &e), 0);
	assert_int_equal(opensslin_guess(fd, "word", 4, &secret, &e), 0);
	assert_int_equal(opensslin_keep(folder, &secret, &e), 0);
	assert_int_equal(opensslin_kept(folder, fd, &again, &e), 1);
	assert_memory_equal(&secret, &again, sizeof secret);
	file[OPENSSLIN_HEADER - 1] ^= 1;

	int other = fd_of(file, sizeof file);

	assert_int_equal(opensslin_kept(folder, other, &again, &e), 0);
	close(other);
	close(fd);
	snprintf(command, sizeof command, "rm -r %s", folder);
	assert_int_equal(system(command), 0);
}

static void the_first_line_of_a_key_file_is_a_passphrase(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int found;
	} rows[] = {
		{ "word\nand more\n", 14, 1 }, { "word", 4, 1 },      { "ward\n", 5, 0 },
		{ "\nword\n", 6, 0 },          { "wo\0rd\n", 6, 0 },
	};
	char folder[] = "/tmp/slate-openssl-XXXXXX", command[64];
	struct opensslin_secret secret;
	uint8_t file[FILE_BYTES];
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(folder));
	put_file(file, 0);

	int fd = fd_of(file, sizeof file);

	assert_int_equal(opensslin_by_key_file(folder, fd, &secret, &e), 0);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int key = fd_of(rows[i].bytes, rows[i].len);

		assert_int_equal(opensslin_keep_line(folder, key, &e), 0);
		if (opensslin_by_key_file(folder, fd, &secret, &e) != rows[i].found)
			fail_msg("%.8s", rows[i].bytes);
		close(key);
		snprintf(command, sizeof command, "rm -f %s/*", folder);
		assert_int_equal(system(command), 0);
	}
	close(fd);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_a_key_is_found_by_what_it_brings_out),
		cmocka_unit_test(damage_is_told_from_a_wrong_passphrase),
		cmocka_unit_test(what_is_something_else_is_not_taken_for_it),
		cmocka_unit_test(a_secret_is_kept_for_its_own_file),
		cmocka_unit_test(the_first_line_of_a_key_file_is_a_passphrase),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
