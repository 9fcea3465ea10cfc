#include "invocation.h"

#include <string.h>
#include <sys/random.h>

#include "../base/clock.h"

void invocations_open(struct invocations *all)
{
	uint64_t now = clock_now_us();

	*all = (struct invocations){ 0 };
	/* a container's filter may forbid it */
	if (getrandom(&all->seed, sizeof all->seed, GRND_NONBLOCK | GRND_INSECURE) < 0)
		memcpy(all->seed.bytes, &now, sizeof now);
}

struct invocation invocation_next(struct invocations *all)
{
	struct invocation id = all->seed;
	uint64_t half;

	/* an odd factor: no two counts give the same */
	memcpy(&half, id.bytes + 8, sizeof half);
	half ^= ++all->n * 0x9e3779b97f4a7c15u;
	memcpy(id.bytes + 8, &half, sizeof half);
	return id;
}

void invocation_text(const struct invocation *id, char text[INVOCATION_TEXT])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < sizeof id->bytes; i++) {
		text[2 * i] = digits[id->bytes[i] >> 4];
		text[2 * i + 1] = digits[id->bytes[i] & 15];
	}
	text[INVOCATION_TEXT - 1] = '\0';
}
