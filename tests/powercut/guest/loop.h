/* loop: the block device that a state of the medium is mounted from.  */
#ifndef GUEST_LOOP_H
#define GUEST_LOOP_H

#include "../../../init/base/err.h"

#define LOOP_DEVICE "/dev/loop0"

/* Attaches the open file, for good. 0, or -1 with *e. */
int loop_attach(int image, struct err *e);

/* Waits until no mount holds the device, so that its file may be changed. Returns a
 * descriptor to be given to loop_release, or -1 with *e. */
int loop_hold(struct err *e);

/* Forgets what was read from the file before, and closes `held`. 0, or -1 with *e. */
int loop_release(int held, struct err *e);

#endif
