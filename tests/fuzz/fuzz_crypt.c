/* Any bytes as an encrypted stream; and a true one of which these bytes change, cut or
 * add something: nothing but a true one is read to its end. The nonce is always the
 * same one, so that which streams are true does not depend on the run. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../overlay/slot/crypt.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t key[CRYPT_KEY] = { 1, 2, 3 };

struct buffer {
	uint8_t bytes[1 << 18];
	size_t len;
};

static int to_buffer(void *ctx, const void *bytes, size_t len, struct err *e)
{
	struct buffer *b = ctx;

	(void)e;
	if (len > sizeof b->bytes - b->len)
		abort();
	memcpy(b->bytes + b->len, bytes, len);
	b->len += len;
	return 0;
}

/* Bytes read to the end of the stream; -1 when it was refused. */
static ssize_t read_all(const void *bytes, size_t len, uint64_t sequence)
{
	static struct cryptin in;
	static uint8_t buf[4096];
	int fd = memfd_create("crypt", 0);
	struct err e = { 0 };
	ssize_t n = -1, whole = 0;

	if (write(fd, bytes, len) != (ssize_t)len)
		abort();
	if (cryptin_start(&in, fd, 0, len, key, sequence, &e) == 0)
		while ((n = cryptin_read(&in, buf, sizeof buf, &e)) > 0)
			whole += n;
	close(fd);
	if (n < 0 && !e.text[0])
		abort();
	return n < 0 ? -1 : whole;
}

static void make_true(struct buffer *b, size_t len)
{
	static const uint8_t plain[CRYPT_CHUNK + 4096];
	static struct cryptout out;
	struct err e;

	b->len = 0;
	if (len > sizeof plain || cryptout_start(&out, key, 7, to_buffer, b, &e) < 0 ||
	    cryptout_write(&out, plain, len, &e) < 0 || cryptout_finish(&out, &e) < 0)
		abort();
}

static bool is_true(const struct buffer *b, size_t len)
{
	static struct buffer want;

	make_true(&want, len);
	return b->len == want.len && memcmp(b->bytes, want.bytes, want.len) == 0;
}

/* The first four bytes: how long it is, and where to do what. */
static void change(const uint8_t *data, size_t size)
{
	static struct buffer b;
	size_t len = (size_t)(data[0] << 8 | data[1]) + (data[2] & 1 ? 4096 : 0), at;
	ssize_t n;

	make_true(&b, len);
	if (b.len != crypt_size(len) || read_all(b.bytes, b.len, 7) != (ssize_t)len)
		abort();
	at = (size_t)data[3] * b.len / 256;
	if (size == 4 && read_all(b.bytes, at, 7) >= 0)
		abort();
	size = size - 4 < b.len - at ? size - 4 : b.len - at;
	memcpy(b.bytes + at, data + 4, size);
	n = read_all(b.bytes, b.len, 7);
	if (n >= 0 && !is_true(&b, (size_t)n))
		abort();
}

static void fixed_bytes(void *buf, size_t len)
{
	memset(buf, 0x5a, len);
}

static const char *fixed_name(void)
{
	return "fixed";
}

static uint32_t fixed_number(void)
{
	return 0x5a5a5a5a;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static randombytes_implementation fixed = { .implementation_name = fixed_name,
		                                    .random = fixed_number,
		                                    .buf = fixed_bytes };

	(void)argc;
	(void)argv;
	return randombytes_set_implementation(&fixed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (read_all(data, size, 1) >= 0)
		abort();
	if (size >= 4)
		change(data, size);
	return 0;
}
