#include "crypt.h"

#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"

#define HEADER   crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define OVERHEAD crypto_secretstream_xchacha20poly1305_ABYTES
#define TAG_END  crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define TAG_MORE crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

uint64_t crypt_size(uint64_t plain)
{
	return HEADER + plain + (plain / CRYPT_CHUNK + 1) * OVERHEAD;
}

/* The additional data of each chunk. */
static void number(uint64_t sequence, uint8_t bytes[8])
{
	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(sequence >> (8 * i));
}

/* --- Writing --- */

int cryptout_start(struct cryptout *c, const uint8_t key[CRYPT_KEY], uint64_t sequence,
                   int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
                   struct err *e)
{
	uint8_t header[HEADER];

	c->write = write;
	c->ctx = ctx;
	c->sequence = sequence;
	c->fill = 0;
	crypto_secretstream_xchacha20poly1305_init_push(&c->state, header, key);
	return write(ctx, header, sizeof header, e);
}

static int push(struct cryptout *c, uint8_t tag, struct err *e)
{
	uint8_t bytes[8];

	number(c->sequence, bytes);
	crypto_secretstream_xchacha20poly1305_push(&c->state, c->out, NULL, c->plain, c->fill,
	                                           bytes, sizeof bytes, tag);

	size_t len = c->fill + OVERHEAD;

	c->fill = 0;
	return c->write(c->ctx, c->out, len, e);
}

int cryptout_write(void *cryptout, const void *bytes, size_t len, struct err *e)
{
	struct cryptout *c = cryptout;

	for (size_t done = 0, n; done < len; done += n) {
		n = len - done < CRYPT_CHUNK - c->fill ? len - done : CRYPT_CHUNK - c->fill;
		memcpy(c->plain + c->fill, (const uint8_t *)bytes + done, n);
		c->fill += n;
		if (c->fill == CRYPT_CHUNK && push(c, TAG_MORE, e) < 0)
			return -1;
	}
	return 0;
}

int cryptout_finish(struct cryptout *c, struct err *e)
{
	return push(c, TAG_END, e);
}

void cryptout_wipe(struct cryptout *c)
{
	sodium_memzero(c, sizeof *c);
}

/* --- Reading --- */

static int read_at(struct cryptin *c, uint8_t *buf, size_t len, struct err *e)
{
	ssize_t n = fd_pread_full(c->fd, buf, len, c->at);

	if (n < 0)
		return err_sys(e, "read at %llu", (unsigned long long)c->at);
	if ((size_t)n < len)
		return err_say(e, "cut short");
	c->at += len;
	return 0;
}

int cryptin_start(struct cryptin *c, int fd, uint64_t at, uint64_t end,
                  const uint8_t key[CRYPT_KEY], uint64_t sequence, struct err *e)
{
	uint8_t header[HEADER];

	c->fd = fd;
	c->at = at;
	c->end = end;
	c->sequence = sequence;
	c->last = false;
	c->fill = c->taken = 0;
	if (end < at || end - at < HEADER + OVERHEAD)
		return err_say(e, "too short to be encrypted");
	if (read_at(c, header, sizeof header, e) < 0)
		return -1;
	if (crypto_secretstream_xchacha20poly1305_init_pull(&c->state, header, key) != 0)
		return err_say(e, "not an encrypted archive");
	return 0;
}

static int pull(struct cryptin *c, struct err *e)
{
	uint64_t left = c->end - c->at;
	size_t len = left < sizeof c->in ? (size_t)left : sizeof c->in;
	uint8_t bytes[8], tag = 0;
	unsigned long long got = 0;

	number(c->sequence, bytes);
	if (len < OVERHEAD)
		return err_say(e, "cut short: the encrypted stream does not end");
	if (read_at(c, c->in, len, e) < 0)
		return -1;
	if (crypto_secretstream_xchacha20poly1305_pull(&c->state, c->plain, &got, &tag, c->in, len,
	                                               bytes, sizeof bytes) != 0)
		return err_say(e, "does not decrypt: another key, or not what was encrypted");
	c->last = tag == TAG_END;
	if (c->last && c->at != c->end)
		return err_say(e, "bytes after the end of the encrypted stream");
	c->fill = (size_t)got;
	c->taken = 0;
	return 0;
}

ssize_t cryptin_read(void *cryptin, void *buf, size_t len, struct err *e)
{
	struct cryptin *c = cryptin;

	while (c->taken == c->fill && !c->last)
		if (pull(c, e) < 0)
			return -1;

	size_t n = c->fill - c->taken < len ? c->fill - c->taken : len;

	memcpy(buf, c->plain + c->taken, n);
	c->taken += n;
	return (ssize_t)n;
}

void cryptin_wipe(struct cryptin *c)
{
	sodium_memzero(c, sizeof *c);
}
