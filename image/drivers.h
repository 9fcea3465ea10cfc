/* drivers: the table of kernel modules that a boot may need (drivers.txt).
 *
 * A row is a class and words; a word is a module's name or alias, or a folder
 * of the modules directory when it ends in '/'. A '!' at the end of a name says
 * that no boot works without it.  */
#ifndef IMAGE_DRIVERS_H
#define IMAGE_DRIVERS_H

#include "../init/base/err.h"
#include "../init/base/span.h"

/* Calls each(ctx, class, word, required, e) for every word of the table in
 * `text`, in order, until one returns -1. 0, or -1 with *e, which names the line
 * when the table is wrong. */
int drivers_each(struct span text,
                 int (*each)(void *ctx, const char *class, const char *word, bool required,
                             struct err *e),
                 void *ctx, struct err *e);

#endif
