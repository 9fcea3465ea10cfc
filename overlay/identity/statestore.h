/* statestore: the two blocks of the state file, on the medium.  */
#ifndef IDENTITY_STATESTORE_H
#define IDENTITY_STATESTORE_H

#include "statefile.h"

/* Reads the block that counts below `medium`. 1: *out; 0: there is none yet; -1 with *e,
 * and *out empty: what is there can't be read, or no block of it is whole. */
int statestore_read(int medium, struct statefile *out, struct err *e);

/* Writes *s, with the next sequence number, over the block that does not count, makes
 * the file where there is none, flushes and reads back. `medium` is writable. 0, or -1
 * with *e: the block that counted before still does. */
int statestore_write(int medium, struct statefile *s, struct err *e);

#endif
