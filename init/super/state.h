/* state: what the next slate-init must know of the units when this one is
 * replaced while it runs (a crash, an update): binary records of fixed size in a
 * memfd, checked as if they came from a stranger.  */
#ifndef SUPER_STATE_H
#define SUPER_STATE_H

#include "../base/err.h"
#include "live.h"

#define STATE_MAGIC 0x534c4154u

struct state_record {
	uint32_t magic;
	uint32_t state;     /* enum svc_state */
	uint32_t outcome;   /* enum outcome */
	uint32_t restarts;
	int32_t main_pid;   /* 0: none */
	int32_t log_read, log_write; /* descriptors that stay open over the exec; -1: none */
	uint32_t unused;
	uint64_t begun_us, up_us, changed_us;
	char name[UNIT_NAME_SIZE]; /* terminated */
};

/* Fills the record. Only reads memory: may be called by a handler of SIGSEGV. */
void state_encode(const struct live *v, struct state_record *r);

/* Is the record one that state_encode can have made? */
bool state_is_valid(const struct state_record *r);

/* Writes a record for each unit to a new memfd that survives an exec, as do the
 * descriptors it names. Returns it, or -1. Async-signal-safe. */
int state_write(struct live *const *live, unsigned n);

/* Reads the records of `fd`, at most `max`; those that are not valid are left out.
 * Returns how many, or -1 with *e. */
int state_read(int fd, struct state_record *records, unsigned max, struct err *e);

#endif
