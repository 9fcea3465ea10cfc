/* changes: what differs between two manifests on top of the same image.
 *
 * At each path stands what the manifest says, or else what the image has. Paths
 * that are the same on both sides, but for times, are not mentioned.  */
#ifndef CHANGES_CHANGES_H
#define CHANGES_CHANGES_H

#include "../../init/base/err.h"
#include "../tree/disk.h"
#include "class.h"
#include "given.h"
#include "manifest.h"

struct change {
	char kind; /* 'A'dded, 'D'eleted, 'U'pdated */
	const char *path;
	enum class class;
	char what[64];         /* of an update: "content, mode"; "given at each boot" */
	enum member_type type; /* of what is there now; of what was there for 'D' */
};

struct changes {
	const struct manifest *old, *now; /* borrowed; finished */
	int pristine;                     /* borrowed; -1: no image */
	void (*tell)(void *ctx, const struct change *c);
	void *ctx;
	/* What the boot has given is no change in the running system, whatever was saved of
	 * it; NULL: `now` is another generation. */
	const struct given *given;
};

/* Tells of each in order of the paths. The number of changes, or -1 with *e. */
long changes_find(const struct changes *c, struct err *e);

/* What stands at `path` beneath `root`; type NONE: nothing. 0, or -1 with *e. */
int print_at(int root, const char *path, struct disk *d, struct print *p, struct err *e);

#endif
