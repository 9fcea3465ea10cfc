/* root: the pristine read-only root, from the images on the medium or from the
 * medium itself. */
#ifndef BOOT_ROOT_H
#define BOOT_ROOT_H

#include "boot.h"

/* Mounts it on PATH_ROOT and opens b->root.dir. 0, or -1 with *e. */
int root_mount(struct boot *b, struct err *e);

/* Says what the medium holds and what makes a root. */
void root_explain(const struct boot *b);

#endif
