/* slotmark: says in a slot's header how far its trial is.
 *
 * One sector is written, and nothing else: a power cut leaves the old or the new
 * state, and on a medium that tears sectors a damaged header, whose generation no
 * boot takes. What a trial goes back to lies in another slot. A generation that is
 * not on trial, or whose trial has ended, is never written.  */
#ifndef SLOT_SLOTMARK_H
#define SLOT_SLOTMARK_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "slot.h"

/* Slot `number` of `dir`, on a writable medium, must hold `sequence`, its trial open.
 * 0: flushed and read back; -1 with *e. */
int slotmark(int dir, int number, uint64_t sequence, enum slot_trial trial, struct err *e);

#endif
