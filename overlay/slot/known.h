/* known: the highest generation that this boot has met, whatever the medium says now.
 *
 * A medium can be exchanged, or put back to an older state, while the machine runs.
 * The number that was restored or saved last is therefore kept in memory (PATH_KNOWN);
 * a medium whose newest generation is lower is reported, and the next save gets a
 * number above it all the same. Nothing here outlives the machine's power: a medium
 * that is put back while it is off looks as it did then.  */
#ifndef SLOT_KNOWN_H
#define SLOT_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"

/* The number kept in `path` for the configuration `name`; 0: none, or no such file. */
uint64_t known_read(const char *path, const char *name);

/* Keeps `sequence` instead of what was kept. 0, or -1 with *e. */
int known_note(const char *path, const char *name, uint64_t sequence, struct err *e);

#define KNOWN_TEXT 200
/* What to tell where `newest` (0: no generation) is on the medium: true, and a
 * sentence in `text`; false: nothing is missing. */
bool known_missing(uint64_t known, uint64_t newest, char text[KNOWN_TEXT]);

#endif
