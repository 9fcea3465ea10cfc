/* growth: new slots, where none is large enough.  */
#ifndef SAVE_GROWTH_H
#define SAVE_GROWTH_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "../medium/layer.h"
#include "../slot/generations.h"

struct growth {
	uint64_t need, free; /* bytes of payload; free on the medium */
	/* Progress in bytes; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t whole);
	void *ctx;
};

/* Makes slots that hold `need` on the writable medium and adds them to `found`. Slots of
 * the old size stay: they hold older generations, and smaller ones to come. 0, or -1
 * with *e. */
int growth_make(struct generations *found, const struct layer *l, const struct growth *growth,
                struct err *e);

#endif
