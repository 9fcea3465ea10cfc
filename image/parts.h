/* parts: where slate's own programs and data lie on the machine that builds.
 *
 * `slate` finds the rest by where it lies itself: installed in PREFIX/bin beside
 * PREFIX/lib/slate, or in the build folder of a source tree, beside hooks/ and
 * image/. SLATE_LIB names another folder in PREFIX/lib/slate's shape, SLATE_TREE
 * another source tree.  */
#ifndef IMAGE_PARTS_H
#define IMAGE_PARTS_H

#include "../init/base/err.h"

struct parts {
	char boot[512];         /* the program slate-boot */
	char init[512];         /* slate-init */
	char slate[512];        /* slate */
	char busybox[512];
	char fetch[512];        /* slate-fetch */
	char hooks[512];        /* the folder with PHASE.d */
	char units[512];        /* the folder of the units that slate ships */
	char drivers[512];      /* drivers.txt */
	char loaders[512];      /* packages of boot loaders for shim.h and uki.h, unpacked; "": not fetched */
};

/* Finds all of them, but for the last, for the program at `self` (NULL: this one). 0, or -1 with
 * *e, which names the first that is missing and where it was looked for. */
int parts_find(struct parts *p, const char *self, struct err *e);

#endif
