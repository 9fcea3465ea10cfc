#include "trial.h"

#include <inttypes.h>
#include <signal.h>

#include "../../init/base/fd.h"
#include "../medium/medium.h"
#include "../slot/generations.h"
#include "../slot/slotmark.h"

int trial_is_in_force(const struct layer *l, uint64_t sequence, struct err *e)
{
	struct trialfile t;
	int found = l->trial ? trialfile_read(l->trial, &t, e) : 0;

	if (found <= 0)
		return found;
	return !t.ended && (t.sequence == 0 || t.sequence == sequence);
}

static const struct slot *find(struct generations *g, uint64_t sequence)
{
	const struct slot *slot = sequence ? slotset_find(&g->set, sequence)
	                                   : slotset_newest(&g->set);

	return slot && (sequence || slot_trial_is_open(&slot->record)) ? slot : NULL;
}

int trial_find(const struct layer *l, uint64_t sequence, struct trial *t, struct err *e)
{
	struct generations g;
	int result = layer_generations(l, &g, e);
	const struct slot *slot = result == 0 ? find(&g, sequence) : NULL;

	*t = (struct trial){ 0 };
	if (slot)
		*t = (struct trial){ slot->record.sequence, slot->record.trial,
			             slot->record.trial_s };
	generations_drop(&g);
	return result;
}

/* A signal in here would leave the medium writable; it is taken afterwards. */
static int mark(const struct layer *l, const struct generations *g, const struct slot *slot,
                enum slot_trial state, struct err *e)
{
	sigset_t all, before;
	struct err locking;
	int result;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = medium_unlock(l, e);
	if (result == 0)
		result = slotmark(g->dir, slot->number, slot->record.sequence, state, e);
	if (medium_lock(l, &locking) < 0 && result == 0) {
		*e = locking;
		result = -1;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

int trial_note(const struct layer *l, uint64_t sequence, enum slot_trial state, bool reserved,
               struct err *e)
{
	struct generations g = { .medium = -1, .dir = -1 };
	const struct slot *slot;
	FD_AUTO lock = -1;
	int result = -1;

	if (l->nosave)
		return err_say(e, "this boot may not write (nosave); nothing was changed");
	if (layer_need_medium(l, e) < 0)
		return -1;
	if (!reserved && medium_reserve(l, &lock, e) < 0)
		return err_safe(e, "nothing was changed");
	if (layer_generations(l, &g, e) == 0) {
		slot = find(&g, sequence);
		result = slot ? mark(l, &g, slot, state, e)
		              : err_say(e, "generation %" PRIu64 " is not on trial", sequence);
	}
	generations_drop(&g);
	return result;
}
