/* sequence: the ways of saving that are compared.
 *
 * Each takes the box's changes to the mounted medium, which is read-only before;
 * when one returns 0 it counts as acknowledged.  */
#ifndef GUEST_SEQUENCE_H
#define GUEST_SEQUENCE_H

#include "../../../init/base/err.h"
#include "../../../overlay/slot/slot.h"

struct sequence {
	const char *name;
	int (*save)(struct err *e);
	/* NULL: has none. */
	int (*reset)(struct err *e);
	int (*save_on_trial)(struct err *e);
	int (*save_cut_off)(struct err *e); /* to a server that is not reached: a copy stays here */
	int (*note_trial)(enum slot_trial state, struct err *e); /* of the newest generation */
};

const struct sequence *sequence_find(const char *name); /* NULL: none */

#endif
