/* calls: the system calls of this machine by name, and the groups that
 * SystemCallFilter= knows them by (@basic-io, @system-service, …).
 *
 * Numbers are those of the machine that this is compiled for.  */
#ifndef UNIT_CALLS_H
#define UNIT_CALLS_H

#include "../base/span.h"

struct call_row {
	char name[25];
	uint16_t number;
	uint32_t groups; /* of which it is a member by itself */
};

/* The rows; NULL past the last. */
const struct call_row *calls_row(unsigned i);

/* The row of that name; NULL: this machine has no such call. */
const struct call_row *calls_find(struct span name);

/* Whether some other machine that Linux runs on has a call of that name. */
bool calls_is_foreign(struct span name);

/* What "@name" stands for; 0: there is no such group. */
uint32_t calls_group(struct span name);
bool calls_is_member(const struct call_row *row, uint32_t groups);

/* The numbers of the known calls are below. What is above came with a later kernel. */
unsigned calls_end(void);

#endif
