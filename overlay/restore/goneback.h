/* goneback: what the process that went back leaves for the one that asked it to: one text,
 * then the paths that have changed, each with a NUL behind.  */
#ifndef RESTORE_GONEBACK_H
#define RESTORE_GONEBACK_H

#include <stddef.h>

#include "../../init/base/err.h"
#include "../../init/base/names.h"

/* `title`: what is back; NULL: nothing, and `why`. 0, or -1 with *e. */
int goneback_write(const char *path, const struct names *changed, const char *title,
                   const char *why, struct err *e);

/* 1: `title` is back; 0: *e says why nothing is; -1 with *e: there is no whole answer.
 * `changed` is the caller's to drop. */
int goneback_read(const char *path, struct names *changed, char *title, size_t size,
                  struct err *e);

#endif
