/* crypt: the payload of an encrypted slot.
 *
 * In the place of the deflate stream stands a secret stream of libsodium
 * (crypto_secretstream, XChaCha20-Poly1305) of it: its header, then chunks, the last
 * of them marked as the end. The slot's sequence number is additional data of each
 * chunk, so that an old generation decrypts under no other number. The slot's header
 * stays as it is, and digest and signature are of what stands in the slot: both are
 * checked before a byte is decrypted.
 *
 * Where the key comes from is cryptkey.h's.  */
#ifndef SLOT_CRYPT_H
#define SLOT_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sodium.h>
#include <sys/types.h>

#include "../../init/base/err.h"
#include "slot.h"

#define CRYPT_KEY   crypto_secretstream_xchacha20poly1305_KEYBYTES
#define CRYPT_CHUNK 65536 /* bytes before encryption */

/* Bytes that `plain` bytes become. */
uint64_t crypt_size(uint64_t plain);

/* --- Writing --- */

struct cryptout {
	int (*write)(void *ctx, const void *bytes, size_t len, struct err *e);
	void *ctx; /* of write */
	crypto_secretstream_xchacha20poly1305_state state;
	uint64_t sequence;
	size_t fill;
	uint8_t plain[CRYPT_CHUNK];
	uint8_t out[CRYPT_CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES];
};

int cryptout_start(struct cryptout *c, const uint8_t key[CRYPT_KEY], uint64_t sequence,
                   int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
                   struct err *e);
int cryptout_write(void *cryptout, const void *bytes, size_t len, struct err *e);
int cryptout_finish(struct cryptout *c, struct err *e);

/* --- Reading --- */

struct cryptin {
	int fd;           /* borrowed */
	uint64_t at, end; /* in the file: what is read next, and where the stream ends */
	crypto_secretstream_xchacha20poly1305_state state;
	uint64_t sequence;
	bool last;          /* the end was marked */
	size_t fill, taken; /* of `plain` */
	uint8_t in[CRYPT_CHUNK + crypto_secretstream_xchacha20poly1305_ABYTES];
	uint8_t plain[CRYPT_CHUNK];
};

/* The stream stands in `fd` from `at` to `end`. */
int cryptin_start(struct cryptin *c, int fd, uint64_t at, uint64_t end,
                  const uint8_t key[CRYPT_KEY], uint64_t sequence, struct err *e);

/* Reads at most `len` bytes; 0 at the end; -1 with *e: another key, or not what was
 * encrypted. What is given was authenticated. For struct gzin_crypt. */
ssize_t cryptin_read(void *cryptin, void *buf, size_t len, struct err *e);

/* Both hold a key until they are wiped. */
void cryptout_wipe(struct cryptout *c);
void cryptin_wipe(struct cryptin *c);

#endif
