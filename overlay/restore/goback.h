/* goback: the running system as the newest generation that is not on trial has it.  */
#ifndef OVERLAY_GOBACK_H
#define OVERLAY_GOBACK_H

#include "../../init/base/err.h"
#include "../changes/pathlist.h"
#include "../medium/layer.h"

struct goback_result {
	char title[64]; /* "generation 6", "the image" */
};

/* Puts the running root back (live.h); the slot of the trial says already that it is
 * over. `changed` gets the paths, the caller's to drop. 0, or -1 with *e. */
int goback(const struct layer *l, struct pathlist *changed, struct goback_result *out,
           struct err *e);

#endif
