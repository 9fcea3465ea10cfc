#include "sha256x8.h"

#include <stdbool.h>
#include <string.h>

enum { LANES = SHA256X8_LANES, CHUNK = 64, ROUNDS = 64, WORDS = 8 };

/* The same word of each message. */
typedef uint32_t lanes __attribute__((vector_size(4 * LANES)));

struct messages {
	const uint8_t *salt, *pieces;
	size_t salt_len, size;
};

static const uint32_t starts[WORDS] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t constants[ROUNDS] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t big_endian(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof word);
	return __builtin_bswap32(word);
}

static void put_big_endian(uint8_t *at, uint32_t word)
{
	word = __builtin_bswap32(word);
	memcpy(at, &word, sizeof word);
}

/* The bytes from `from` on of a lane's padded message where salt, piece and padding meet. */
static void put_together(const struct messages *m, size_t lane, size_t from, size_t padded,
                         uint8_t chunk[CHUNK])
{
	size_t len = m->salt_len + m->size;

	for (size_t i = 0; i < CHUNK; i++) {
		size_t at = from + i;

		if (at < m->salt_len)
			chunk[i] = m->salt[at];
		else if (at < len)
			chunk[i] = m->pieces[lane * m->size + at - m->salt_len];
		else if (at < padded - 8)
			chunk[i] = at == len ? 0x80 : 0;
		else
			chunk[i] = (uint8_t)((uint64_t)len * 8 >> 8 * (padded - 1 - at));
	}
}

static void load(const struct messages *m, size_t from, size_t padded, lanes w[16])
{
	bool whole = from >= m->salt_len && from + CHUNK <= m->salt_len + m->size;

	for (size_t lane = 0; lane < LANES; lane++) {
		uint8_t chunk[CHUNK];
		const uint8_t *at = chunk;

		if (whole)
			at = m->pieces + lane * m->size + from - m->salt_len;
		else
			put_together(m, lane, from, padded, chunk);
		for (size_t i = 0; i < 16; i++)
			w[i][lane] = big_endian(at + 4 * i);
	}
}

#define ROTATE(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define ROUND(a, b, c, d, e, f, g, h, i)                                                       \
	do {                                                                                   \
		lanes t = h + (ROTATE(e, 6) ^ ROTATE(e, 11) ^ ROTATE(e, 25)) +                 \
		          (g ^ (e & (f ^ g))) + k[i] + w[i];                                   \
		d += t;                                                                        \
		h = t + (ROTATE(a, 2) ^ ROTATE(a, 13) ^ ROTATE(a, 22)) + ((a & b) | (c & (a | b))); \
	} while (0)

/* Inlined, so that it is compiled for each sort of processor. */
static inline __attribute__((always_inline)) void expand(lanes w[16])
{
	for (size_t i = 0; i < 16; i++) {
		lanes x = w[(i + 1) % 16], y = w[(i + 14) % 16];

		w[i] += (ROTATE(x, 7) ^ ROTATE(x, 18) ^ x >> 3) + w[(i + 9) % 16] +
		        (ROTATE(y, 17) ^ ROTATE(y, 19) ^ y >> 10);
	}
}

static inline __attribute__((always_inline)) void compress(lanes s[WORDS], lanes w[16])
{
	lanes a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];

	for (const uint32_t *k = constants; k < constants + ROUNDS; k += 16) {
		if (k > constants)
			expand(w);
		for (size_t i = 0; i < 16; i += 8) {
			ROUND(a, b, c, d, e, f, g, h, i);
			ROUND(h, a, b, c, d, e, f, g, i + 1);
			ROUND(g, h, a, b, c, d, e, f, i + 2);
			ROUND(f, g, h, a, b, c, d, e, i + 3);
			ROUND(e, f, g, h, a, b, c, d, i + 4);
			ROUND(d, e, f, g, h, a, b, c, i + 5);
			ROUND(c, d, e, f, g, h, a, b, i + 6);
			ROUND(b, c, d, e, f, g, h, a, i + 7);
		}
	}
	s[0] += a, s[1] += b, s[2] += c, s[3] += d;
	s[4] += e, s[5] += f, s[6] += g, s[7] += h;
}

#ifdef __x86_64__
static __attribute__((target("avx2"))) void compress_avx2(lanes s[WORDS], lanes w[16])
{
	compress(s, w);
}
#endif

static void compress_plain(lanes s[WORDS], lanes w[16])
{
	compress(s, w);
}

static void hash(const struct messages *m, void (*by)(lanes s[WORDS], lanes w[16]),
                 uint8_t digests[LANES][SHA256X8_DIGEST])
{
	/* a byte that ends the message and 8 that hold its length */
	size_t padded = (m->salt_len + m->size + 9 + CHUNK - 1) / CHUNK * CHUNK;
	lanes s[WORDS], w[16];

	for (size_t i = 0; i < WORDS; i++)
		s[i] = (lanes){ 0 } + starts[i];
	for (size_t from = 0; from < padded; from += CHUNK) {
		load(m, from, padded, w);
		by(s, w);
	}
	for (size_t lane = 0; lane < LANES; lane++)
		for (size_t i = 0; i < WORDS; i++)
			put_big_endian(digests[lane] + 4 * i, s[i][lane]);
}

void sha256x8_plain(const uint8_t *salt, size_t salt_len, const uint8_t *pieces, size_t size,
                    uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST])
{
	const struct messages m = { salt, pieces, salt_len, size };

	hash(&m, compress_plain, digests);
}

void sha256x8(const uint8_t *salt, size_t salt_len, const uint8_t *pieces, size_t size,
              uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST])
{
#ifdef __x86_64__
	const struct messages m = { salt, pieces, salt_len, size };

	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx2")) {
		hash(&m, compress_avx2, digests);
		return;
	}
#endif
	sha256x8_plain(salt, salt_len, pieces, size, digests);
}
