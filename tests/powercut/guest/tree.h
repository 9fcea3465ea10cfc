/* tree: the files of generation N, so that whoever finds them can tell N.
 *
 * etc/generation names N and the size of etc/payload, whose bytes follow from N
 * and do not compress. A tree is whole or it is torn: every byte is checked.  */
#ifndef GUEST_TREE_H
#define GUEST_TREE_H

#include <stdint.h>

#include "../../../init/base/err.h"

enum { TREE_TORN = -1, TREE_NONE = 0 }; /* generations begin at 1 */

/* Replaces what is beneath `dir` with generation `generation`, its payload of
 * `bytes`; generation 0 is an empty tree. 0, or -1 with *e. */
int tree_make(int dir, int generation, uint64_t bytes, struct err *e);

/* The generation beneath `dir`, TREE_NONE or TREE_TORN. */
int tree_look(int dir);

#endif
