/* remove: takes things out of a tree, whatever they are.  */
#ifndef TREE_REMOVE_H
#define TREE_REMOVE_H

#include <stdbool.h>

#include "../../init/base/err.h"

/* Removes `name` in `dir`, with all that is in it. Nothing there is success.
 * Symbolic links are removed, never followed. 0, or -1 with *e. */
int remove_tree(int dir, const char *name, struct err *e);

/* Removes what is in the directory `dir`, but what `keep` (may be NULL) says true
 * to. 0, or -1 with *e. */
int remove_contents(int dir, bool (*keep)(void *ctx, const char *name), void *ctx, struct err *e);

#endif
