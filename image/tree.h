/* tree: walks a directory tree in one fixed order.
 *
 * Names are sorted in each folder, a folder comes before what is in it, and
 * symbolic links are told, not followed: what is made of a tree is the same on
 * every machine.  */
#ifndef IMAGE_TREE_H
#define IMAGE_TREE_H

#include <sys/stat.h>

#include "../init/base/err.h"

/* Told of each thing below the top: `path` relative to it. -1 ends the walk. */
typedef int tree_each(void *ctx, const char *path, const struct stat *st, struct err *e);

/* 0, or -1 with *e. `top` may be a symbolic link to a directory. */
int tree_walk(const char *top, tree_each *each, void *ctx, struct err *e);

/* Removes `path` and all below it. It need not be there. 0 or -1 with *e. */
int tree_remove(const char *path, struct err *e);

#endif
