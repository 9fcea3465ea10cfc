/* liveplan: which steps make the running root as a generation has it.
 *
 * At each path stands what the generation says, or else what the image has, as at a
 * boot. Looked at are the paths that have changed since the boot or that the
 * generation names; of these, what save.list keeps or the generation names, or, where
 * paths are given, what is at or below one of them. Files that are the same but for
 * their time stay, and so does what the boot has given and nobody has touched (given.h):
 * the next boot would put it there again. Devices, FIFOs and sockets stay.  */
#ifndef RESTORE_LIVEPLAN_H
#define RESTORE_LIVEPLAN_H

#include "../../init/base/err.h"
#include "../changes/manifest.h"
#include "../changes/savelist.h"
#include "../medium/layer.h"
#include "../tree/livestep.h"

struct liveplan {
	const struct layer *layer;
	const struct manifest *then;  /* the generation, finished; empty: the image */
	const struct savelist *list;  /* NULL: the paths say it */
	const char *const *paths;     /* as members have them */
	size_t n_paths;
};

/* 0, or -1 with *e. */
int liveplan_make(const struct liveplan *p, struct live_steps *out, struct err *e);

#endif
