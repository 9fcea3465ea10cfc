/* outside: what has changed since the boot and no rule of save.list speaks of. A
 * reboot loses it, whatever is saved before.  */
#ifndef SAVE_OUTSIDE_H
#define SAVE_OUTSIDE_H

#include "../../init/base/err.h"
#include "../changes/learn.h"
#include "../medium/layer.h"

/* Notes it all in *found, but for directories by themselves. Contents are not read.
 * 0, or -1 with *e; learn_drop in both cases. */
int outside_find(const struct layer *l, struct learn *found, struct err *e);

#endif
