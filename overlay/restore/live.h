/* live: puts the running root back as a generation or the image has it, all or nothing.
 *
 * New files are made in a stage beside the root (livestep.h); when all is ready they
 * are moved into place one by one. A failure in the middle undoes what was done. Whoever
 * is killed in the middle leaves the stage behind, and the next command undoes it
 * (live_settle). The caller holds the lock of medium_reserve.  */
#ifndef RESTORE_LIVE_H
#define RESTORE_LIVE_H

#include <stddef.h>

#include "../../init/base/err.h"
#include "../medium/layer.h"
#include "../slot/archive.h"

struct live_request {
	const struct archive *saved;  /* validated; NULL: as the image has it */
	const char *const *paths;     /* only what is at or below one of these … */
	size_t n_paths;               /* … 0: what save.list keeps or the archive names */
	/* When all is in place and can still be undone; NULL: nothing. -1 undoes it. */
	int (*before_end)(void *ctx, struct err *e);
	/* Told of each change afterwards, 'A', 'D' or 'U'; may be NULL. */
	void (*tell)(void *ctx, char kind, const char *path);
	void *ctx; /* of both */
};

/* 0, or -1 with *e: the running root is as before, or *e says what is not. */
int live(const struct layer *l, const struct live_request *r, struct err *e);

/* Undoes what a command that was killed had begun. 1: there was something; 0: there
 * was nothing, or another command is at it; -1 with *e. */
int live_settle(const struct layer *l, struct err *e);

#endif
