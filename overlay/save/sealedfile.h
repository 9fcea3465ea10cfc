/* sealedfile: one generation as a file of its own, for a server.
 *
 * What a slot holds (slot.h) without the zeros that fill it up: its header with digest
 * and signature, then the payload. The same file is read whether it was saved to a
 * server, or is a slot that somebody copied.  */
#ifndef SAVE_SEALEDFILE_H
#define SAVE_SEALEDFILE_H

#include "../tar/pack.h"
#include "sealing.h"

/* Writes the archive of `source` into the empty file `fd` as generation
 * `record->sequence`, saved at `record->time`. 0, or -1 with *e. */
int sealedfile_write(int fd, const struct pack_source *source, const struct sealing *sealing,
                     struct slot_record *record, struct pack_result *packed, struct err *e);

#endif
