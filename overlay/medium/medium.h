/* medium: the file system that saves live on, in the running system.
 *
 * Mounted read-only; writable only between medium_unlock and medium_lock.  */
#ifndef MEDIUM_MEDIUM_H
#define MEDIUM_MEDIUM_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "layer.h"

struct medium_info {
	char device[128]; /* "/dev/sda1"; "" where nothing is known */
	char label[64];
	char fstype[32];
	char title[224]; /* "LABEL=SLATE (/dev/sda1)", for messages */
	bool writable;
	uint64_t free; /* bytes */
};

/* What is mounted there. Never fails: what is not known is "". */
void medium_read(const struct layer *l, struct medium_info *m);

/* Makes it writable, or read-only again, and makes sure that it is.
 * 0, or -1 with *e. */
int medium_unlock(const struct layer *l, struct err *e);
int medium_lock(const struct layer *l, struct err *e);

/* The same for a boot: the medium that is mounted on `point`; `dir` is its directory,
 * borrowed. */
int medium_set_writable(const char *point, int dir, bool writable, struct err *e);

/* Takes the lock that whoever writes holds; *fd is the caller's to close. 0, or -1
 * with *e: another one holds it. */
int medium_reserve(const struct layer *l, int *fd, struct err *e);

/* The same, but waits up to `patience_ms` for the other one. */
int medium_reserve_within(const struct layer *l, unsigned patience_ms, int *fd, struct err *e);

/* Makes a medium read-only that a killed save left writable. 1: it did; 0: nothing
 * to do, or a save is running; -1 with *e. */
int medium_settle(const struct layer *l, struct err *e);

#endif
