/* hash MIB: the processor's time for the digests of the 4 KiB blocks of so much, in ms.  */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BLOCK = 4096, SALT = 32 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void digest(const uint8_t *block, uint8_t out[crypto_hash_sha256_BYTES])
{
	static const uint8_t salt[SALT];
	crypto_hash_sha256_state state;

	crypto_hash_sha256_init(&state);
	crypto_hash_sha256_update(&state, salt, sizeof salt);
	crypto_hash_sha256_update(&state, block, BLOCK);
	crypto_hash_sha256_final(&state, out);
}

int main(int argc, char **argv)
{
	size_t size = (size_t)(argc > 1 ? atoi(argv[1]) : 1) << 20;
	uint8_t *bytes = malloc(size), out[crypto_hash_sha256_BYTES];

	if (!bytes || sodium_init() < 0)
		return 1;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 31);

	double start = now_ms();

	for (size_t at = 0; at < size; at += BLOCK)
		digest(bytes + at, out);
	printf("%.1f\n", now_ms() - start);
	return 0;
}
