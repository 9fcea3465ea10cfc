/* record: makes saves on a device whose every write is logged, and marks each
 * acknowledgement in the log.
 *
 * The clock goes back a day with each save: nothing may depend on it.
 *
 * A step is a word "ACTION:GENERATION:BYTES"; its actions are
 *
 *     save      that generation, of so many bytes
 *     larger    the same, and it may be refused for want of room
 *     reset     an empty generation
 *     cutoff    that generation, to a server that is not reached
 *     try       a save on trial
 *     arm, boot, confirm, late    what becomes of the trial (overlay/save/trial.h)
 *     fill      fills the medium up
 *
 * An acknowledgement is a sector past the end of the file system: "POWERCUT-ACK"
 * and the generation that a boot must find from now on. The device writes it at
 * once, so that its place in the log tells which writes came before the action had
 * returned.  */
#ifndef GUEST_RECORD_H
#define GUEST_RECORD_H

#include "../../../init/base/err.h"

struct box;
struct sequence;

/* What a boot of the medium must find, and what is on trial besides. */
struct record {
	const struct box *box; /* mounted; borrowed */
	const struct sequence *sequence;
	int kept, tried;
};

/* One step on the medium of `r`, and its acknowledgement. 0, or -1 with *e. */
int record_step(struct record *r, const char *step, struct err *e);

/* The steps, one after the other, with `sequence` on `device` with a file system of
 * `fstype`. 0, or -1 with *e. */
int record_steps(const char *sequence, const char *fstype, const char *device, char *const *steps,
                 struct err *e);

#endif
