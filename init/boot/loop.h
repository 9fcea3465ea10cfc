/* loop: a file as a read-only block device. */
#ifndef BOOT_LOOP_H
#define BOOT_LOOP_H

#include <stddef.h>

#include "../base/err.h"
#include "modules.h"

/* Loads the driver. Same returns as modules_load. */
int loop_load(struct modules *m, struct err *e);

/* Attaches `file` (borrowed) to a free loop device, which the kernel drops by
 * itself when its last user is gone. Writes its name ("loop0") to `name`, shows
 * `label` as its file in /sys, and returns a descriptor that holds it, owned by
 * the caller, to be closed once it is mounted; -1 with *e. */
int loop_attach(int file, const char *label, char *name, size_t size, struct err *e);

/* Does this kernel put another file under a loop device that is read? Tried on a
 * device of its own. 0, or -1 with *e. */
int loop_probe_change(struct err *e);

/* Puts `file` (borrowed), of the same size and with the same contents, under the
 * read-only loop device `name` while it is in use. 0, or -1 with *e: it reads from
 * its old file still. */
int loop_change(const char *name, int file, struct err *e);

#endif
