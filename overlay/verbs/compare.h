/* compare: what differs between two generations, the image and what a save would keep,
 * printed: a line "U path (content)" each, and below it, where it is wanted and both
 * sides are text, the difference as diff -u shows it.  */
#ifndef VERBS_COMPARE_H
#define VERBS_COMPARE_H

#include "cli.h"

#define COMPARE_IMAGE (UINT64_MAX - 1) /* besides a number and GENERATION_NEWEST */
#define COMPARE_NOW   (UINT64_MAX - 2) /* what a save would keep; of `now` alone */

struct comparison {
	uint64_t old, now;
	bool text;                /* with the lines of files that differ */
	const char *const *paths; /* at or below one of these; as members have them */
	size_t n_paths;           /* 0: all */
};

/* The number of changes, or -1 with *e. */
long compare(struct cli *c, const struct comparison *comparison, struct err *e);

#endif
