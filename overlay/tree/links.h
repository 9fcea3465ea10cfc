/* links: the first name of each file that has several.  */
#ifndef TREE_LINKS_H
#define TREE_LINKS_H

#include <stddef.h>
#include <sys/stat.h>

#include "../../init/base/err.h"

struct links {
	struct link_cell {
		dev_t dev;
		ino_t ino;
		char *path; /* owned; NULL: a free cell */
	} * cells;          /* owned */
	size_t n, size;
};

/* The path under which the file was noted, or NULL. */
const char *links_find(const struct links *l, const struct stat *st);

/* 0, or -1 with *e when memory is short. */
int links_note(struct links *l, const struct stat *st, const char *path, struct err *e);

void links_drop(struct links *l);

#endif
