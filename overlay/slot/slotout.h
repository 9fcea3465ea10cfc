/* slotout: writes one generation into a slot so that it survives a power cut.
 *
 * The payload goes to offset 512 and on, is flushed, then the header is written
 * and flushed, then the cache is dropped and everything is read back. Until
 * slotout_finish has returned 0 the generation does not exist. A failed flush
 * is final for the slot: what the cache holds afterwards says nothing about the
 * medium, so it is never tried again.  */
#ifndef SLOT_SLOTOUT_H
#define SLOT_SLOTOUT_H

#include <stddef.h>
#include <stdint.h>
#include <sodium.h>

#include "../../init/base/err.h"
#include "signer.h"
#include "slot.h"

enum { SLOTOUT_BUFFER = 131072 };

struct slotout {
	int fd;            /* owned: the slot, for writing */
	int check;         /* owned: the slot, for reading back past the cache where that works */
	uint64_t capacity; /* bytes of payload that fit */
	struct slot_record record;
	crypto_generichash_state state;
	uint8_t *buf; /* owned, SLOTOUT_BUFFER, aligned */
	size_t fill;
};

/* Begins `record` (sequence, time, message) in slot `number` of `dir`. The slot
 * stops being a generation now. 0, or -1 with *e; slotout_drop in both cases. */
int slotout_start(struct slotout *s, int dir, int number, const struct slot_record *record,
                  struct err *e);

/* Adds bytes of the deflate stream. -1 with e->code = ENOSPC when the slot is full. */
int slotout_write(void *slotout, const void *bytes, size_t len, struct err *e);

/* Seals the slot; `size` and `members` are those of the archive, `signer` (NULL: none)
 * signs it. 0: durable and read back. -1 with *e: the slot holds no generation, or is
 * not to be trusted. */
int slotout_finish(struct slotout *s, uint64_t size, uint32_t members, const struct signer *signer,
                   struct err *e);

void slotout_drop(struct slotout *s); /* closes and frees */

#endif
