/* commit: makes an archive the newest generation on the medium.
 *
 * At each instant a complete earlier generation is on the medium: the newest valid
 * slot is never written. The medium is writable only while a slot is. Success
 * means that the new generation was flushed, read back and compared.  */
#ifndef SAVE_COMMIT_H
#define SAVE_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../medium/layer.h"
#include "../tar/pack.h"

struct commit_options {
	const char *message; /* kept with the generation; NULL: none */
	uint64_t keep;       /* a generation that must not be overwritten now; 0: none */
	uint32_t trial_s;    /* it is on trial for so long; 0: it is not */
	bool ends_trial;     /* gives up a trial in force, which is an error otherwise */
	bool reserved;       /* the caller holds the lock of medium_reserve */
	/* Progress of making larger slots, in bytes; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t whole);
	/* Something the user should know that is no failure; may be NULL. */
	void (*note)(void *ctx, const char *text);
	void *ctx;
};

struct commit_result {
	uint64_t sequence;
	int slot;
	int64_t time; /* seconds since 1970 */
	struct pack_result packed;
};

/* 0, or -1 with *e, which names the medium and what is still safe. */
int commit(const struct layer *l, const struct pack_source *source, const struct commit_options *o,
           struct commit_result *out, struct err *e);

/* "2026-11-24 10:03" in local time. */
void commit_date(int64_t time, char text[32]);

#endif
