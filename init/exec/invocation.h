/* invocation: INVOCATION_ID of systemd.exec(5), 128 bits for each start of a unit.
 *
 * Made of one draw of the kernel's randomness and a count: different in one run of
 * the supervisor for certain, and in any two by chance. No secret: while the kernel
 * has no good randomness yet it gives what it has, and nobody waits.  */
#ifndef EXEC_INVOCATION_H
#define EXEC_INVOCATION_H

#include <stdint.h>

enum { INVOCATION_TEXT = 33 };

struct invocation {
	uint8_t bytes[16];
};

struct invocations {
	struct invocation seed;
	uint64_t n;
};

void invocations_open(struct invocations *all);
struct invocation invocation_next(struct invocations *all);

/* 32 hexadecimal digits, terminated. */
void invocation_text(const struct invocation *id, char text[INVOCATION_TEXT]);

#endif
