/* keepstate: changes what the boot medium remembers (statefile.h), safely.
 *
 * The medium is writable only meanwhile, and nobody else writes it then.  */
#ifndef IDENTITY_KEEPSTATE_H
#define IDENTITY_KEEPSTATE_H

#include "../../init/base/err.h"
#include "statefile.h"

struct keepstate {
	/* Changes *s, which is as it was read; false: nothing is to be written. */
	bool (*change)(void *ctx, struct statefile *s);
	void *ctx;
};

/* 1: written; 0: there was nothing to write; -1 with *e: it is as it was, because the
 * medium is not there, is in memory, can't be written, or may not be (nosave). */
int keepstate(const struct keepstate *k, struct err *e);

/* Only reads. As statestore_read. */
int keepstate_read(struct statefile *s, struct err *e);

#endif
