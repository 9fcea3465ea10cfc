/* upper: what changed since the boot, as members.
 *
 * Walks the overlay's upper directory, which holds nothing but changes, in sorted
 * order, and passes on what the save.list keeps, the image does not have in the
 * same form, and the boot has not put there by itself (given.h). Directories come before what is in
 * them; those that are only on the way to a change come too, so that the archive extracts anywhere.
 * The tree may change while it is walked.  */
#ifndef CHANGES_UPPER_H
#define CHANGES_UPPER_H

#include "../../init/base/err.h"
#include "../tar/member.h"
#include "given.h"
#include "savelist.h"

struct upper {
	int upper, pristine;         /* borrowed directories */
	const struct savelist *list; /* borrowed */
	const struct given *given;   /* borrowed; NULL: nothing */
	/* Told of each path that should be kept and can't be; may be NULL. */
	void (*left_out)(void *ctx, const char *path, const char *why);
	void *ctx; /* of left_out */
};

/* 0; -1 with *e, also when the sink ended it. */
int upper_walk(const struct upper *u, const struct sink *sink, struct err *e);

#endif
