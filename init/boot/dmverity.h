/* dmverity: a block device that gives only bytes which were signed.
 *
 * Made by device-mapper's ioctls over a loop device whose file holds the data
 * and its hash tree. The kernel drops it by itself when its last user is gone.  */
#ifndef BOOT_DMVERITY_H
#define BOOT_DMVERITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../overlay/trust/verity.h"
#include "../base/err.h"
#include "modules.h"

#define DMVERITY_NAME_MAX 48

/* What a read of a block that is not the signed one does, besides failing. */
enum dmverity_policy {
	DMVERITY_FAIL,    /* nothing: EIO for the reader, a line in the kernel log */
	DMVERITY_RESTART, /* the machine restarts at once */
};

struct dmverity {
	char name[DMVERITY_NAME_MAX]; /* of the mapping */
	char device[32];              /* below /dev: "dm-0" */
	unsigned major, minor;        /* of what it reads from */
};

/* Writes device-mapper's parameters for the device `major`:`minor` into `text`.
 * 0, or -1 with *e when they do not fit. Pure. */
int dmverity_table(const struct verity *v, unsigned major, unsigned minor,
                   enum dmverity_policy policy, char *text, size_t size, struct err *e);

/* Loads the drivers and makes the device over the open block device `loop`,
 * which shows as "slate-LABEL"; reads fail as by DMVERITY_FAIL. Nothing is left
 * behind on failure. 0, or -1 with *e. */
int dmverity_open(struct modules *m, int loop, const char *label, const struct verity *v,
                  struct dmverity *out, struct err *e);

/* Puts `policy` in force from now on. 0, or -1 with *e. */
int dmverity_set_policy(const struct dmverity *d, const struct verity *v,
                        enum dmverity_policy policy, struct err *e);

/* Removes the device, now or when its last user is gone. */
void dmverity_release(const struct dmverity *d);

#endif
