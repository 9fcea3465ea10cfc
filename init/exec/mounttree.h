/* mounttree: mounts that are nowhere yet: made or copied, given their attributes, and
 * only then put in place, so that nothing is seen half protected.
 *
 * Descriptors that are returned are the caller's; -1 comes with errno. Needs Linux 5.12.  */
#ifndef EXEC_MOUNTTREE_H
#define EXEC_MOUNTTREE_H

#include <stdbool.h>
#include <stdint.h>

/* A copy of what is mounted at `path`, or of the mount that it lies in from there on.
 * `whole`: with all that is mounted below. */
int mounttree_copy(const char *path, bool whole);

/* A new file system. `options`: separated by commas, as mount(8) takes them; those that
 * are the mount's own (nosuid …) are added to `attributes`, MOUNT_ATTR_…, but for ro,
 * which is left to mounttree_add: who made it may have to put something there. */
int mounttree_make(const char *type, const char *options, uint64_t attributes);

/* Adds attributes to a mount; `whole`: and to those below. Takes none away. 0 or -1. */
int mounttree_add(int tree, uint64_t attributes, bool whole);

/* The same for all that is mounted from "/" on. */
int mounttree_add_root(uint64_t attributes);

int mounttree_attach(int tree, const char *path);

/* A name space of its own for mounts: none of it is seen outside. 0 or -1. */
int mounttree_leave(void);

#endif
