/* trial: a generation that goes away again unless it is confirmed.
 *
 * `slate save --try` writes it like any other, with the time of its trial in its
 * header. What happens then is one sector each (slotmark.h):
 *
 *     open      in force in the running system. No boot takes it: after a power cut
 *               the generation before is back.
 *     armed     the machine goes down in order: the next boot may take it, once,
 *     booted    which is noted before it is restored. No other boot takes it.
 *     kept      confirmed; from then on it is like any other
 *     given up  late, unreached, cut, left (slot.h); no boot takes it
 *
 * A trial that is open stays in its slot, and so does what it goes back to: no save
 * overwrites either. What the running system knows of it is in layer.trial.  */
#ifndef SAVE_TRIAL_H
#define SAVE_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../medium/layer.h"
#include "../slot/slot.h"
#include "../slot/trialfile.h"

/* Whether this boot is what the trial of `sequence` is about: 1 or 0; -1 with *e. */
int trial_is_in_force(const struct layer *l, uint64_t sequence, struct err *e);

struct trial {
	uint64_t sequence; /* 0: there is none */
	enum slot_trial state;
	uint32_t seconds;
};

/* The trial of generation `sequence`, open or ended; with 0: that of the newest
 * generation, if it is open. 0, or -1 with *e. */
int trial_find(const struct layer *l, uint64_t sequence, struct trial *t, struct err *e);

/* Notes the state of an open trial on the medium; takes the lock, unless the caller
 * has it (`reserved`). 0, or -1 with *e. */
int trial_note(const struct layer *l, uint64_t sequence, enum slot_trial state, bool reserved,
               struct err *e);

#endif
