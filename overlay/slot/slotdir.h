/* slotdir: new slots on a medium, of which a power cut leaves all or nothing.
 *
 * FAT and exFAT keep no journal: a new directory or file may reach the medium before
 * the note that its space is taken, or before its first entries. Such a directory can
 * never be opened or removed again, and such a file is overwritten by the next one.
 * So everything is made below a directory of a name that nobody looks for, flushed,
 * and only then renamed to where it belongs. What a cut leaves behind of the unknown
 * name takes space until a file system check, and is never touched: removing it could
 * free what other files hold by then.  */
#ifndef SLOT_SLOTDIR_H
#define SLOT_SLOTDIR_H

#include <stdint.h>

#include "../../init/base/err.h"

struct slotdir_new {
	int first, count; /* slot numbers */
	uint64_t size;    /* bytes of each slot */
	/* Told bytes done, of the whole; may be NULL. */
	void (*progress)(void *ctx, uint64_t done, uint64_t whole);
	void *ctx;
};

/* Makes the directory `path` below `medium`, with its parents and slots; it does not
 * exist yet. *dir is it, the caller's to close. 0, or -1 with *e: nothing was made. */
int slotdir_make(int medium, const char *path, const struct slotdir_new *slots, int *dir,
                 struct err *e);

/* Adds slots to `dir`. 0, or -1 with *e: some may be there, all of them empty. */
int slotdir_add(int dir, const struct slotdir_new *slots, struct err *e);

#endif
