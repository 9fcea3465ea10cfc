/* hash MIB: the processor's time for the digests of the 4 KiB blocks of so much, in ms.  */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../../overlay/trust/sha256x8.h"

enum { BLOCK = 4096, EACH = SHA256X8_LANES * BLOCK };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	size_t size = (size_t)(argc > 1 ? atoi(argv[1]) : 1) << 20;
	static const uint8_t salt[32];
	uint8_t *bytes = malloc(size), digests[SHA256X8_LANES][SHA256X8_DIGEST];

	if (!bytes)
		return 1;
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 31);

	double start = now_ms();

	for (size_t at = 0; at < size; at += EACH)
		sha256x8(salt, sizeof salt, bytes + at, BLOCK, digests);
	printf("%.1f\n", now_ms() - start);
	return 0;
}
