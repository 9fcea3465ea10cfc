/* learn: lines for save.list, proposed from what has changed outside of it.
 *
 * Identity, config and data are worth keeping. A directory that the image has not is
 * proposed as a whole, and so is one of the image in which more than LEARN_APART
 * things would be proposed; else each path by itself. Caches and logs below what is
 * proposed get lines that leave them out.  */
#ifndef CHANGES_LEARN_H
#define CHANGES_LEARN_H

#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "class.h"
#include "savelist.h"

enum { LEARN_APART = 4 };

struct learn {
	struct learn_found {
		char *path; /* owned */
		uint64_t bytes;
		size_t fresh; /* length of the first part of the path that the image has not */
		size_t front; /* length of what the class's rule matched */
		enum class class;
	} * found; /* owned */
	size_t n, size;
	uint64_t worth; /* how many of them are worth keeping */

	struct learn_line {
		enum save_kind kind; /* KEEP or LEAVE */
		char *path;          /* owned; a rule: see learn_propose */
		uint64_t files, bytes;
		enum class class;    /* of what it stands for, the gravest */
	} * lines;                   /* owned, by learn_propose, in the order of the paths */
	size_t n_lines;
};

/* Takes note of a changed path, in order of the tree: a directory comes before what
 * is in it. *l is {0} at first. 0, or -1 with *e. */
int learn_note(struct learn *l, const char *path, uint64_t bytes, size_t fresh, struct err *e);

/* Makes the lines. A path that would be read as a pattern becomes one that matches it.
 * 0, or -1 with *e. */
int learn_propose(struct learn *l, struct err *e);

void learn_drop(struct learn *l);

#endif
