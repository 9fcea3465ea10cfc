/* goback: the running system as the newest generation that is not on trial has it.  */
#ifndef RESTORE_GOBACK_H
#define RESTORE_GOBACK_H

#include "../../init/base/err.h"
#include "../../init/base/names.h"
#include "../medium/layer.h"
#include "goneback.h"

struct goback_result {
	char title[64]; /* "generation 6", "the image" */
};

/* Puts the running root back (live.h); the slot of the trial says already that it is
 * over. `changed` gets the paths, the caller's to drop. 0, or -1 with *e. */
int goback(const struct layer *l, struct names *changed, struct goback_result *out,
           struct err *e);

/* Copies what goback would take to the directory `into`, made anew, as a medium has it: for a
 * process that can't have the medium itself. 0, or -1 with *e. */
int goback_lend(const struct layer *l, const char *into, struct err *e);

#endif
