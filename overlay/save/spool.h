/* spool: a compressed archive made before any slot is touched.
 *
 * What fits in SPOOL_MAX bytes is kept, so that most saves read the files once;
 * of what does not, only the size is known, and it is made a second time, straight
 * into its slot.  */
#ifndef SAVE_SPOOL_H
#define SAVE_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"

enum { SPOOL_MAX = 4 * 1024 * 1024 };

struct spool {
	uint8_t *bytes; /* owned, SPOOL_MAX */
	uint64_t len;   /* of the whole payload */
	uint64_t size;  /* when decompressed */
	uint32_t members;
};

static inline bool spool_is_whole(const struct spool *s)
{
	return s->len <= SPOOL_MAX;
}

int spool_open(struct spool *s, struct err *e);
int spool_write(void *spool, const void *bytes, size_t len, struct err *e); /* for gzout */
void spool_drop(struct spool *s);

#endif
