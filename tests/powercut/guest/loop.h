/* loop: the block device that a state of the medium is mounted from.  */
#ifndef POWERCUT_LOOP_H
#define POWERCUT_LOOP_H

#include "../../../init/base/err.h"

#define LOOP_DEVICE "/dev/loop0"

/* Attaches the open file, to be detached with loop_detach. 0, or -1 with *e. */
int loop_attach(int image, struct err *e);
int loop_detach(struct err *e);

#endif
