/* chain: one round of boot, look, save for the media that lie side by side on a disk.
 *
 * One line a medium on standard output: "@NUMBER FOUND SAVED NOTE"; FOUND as check.h's
 * FIRST, SAVED "ok" or "refused".  */
#ifndef GUEST_CHAIN_H
#define GUEST_CHAIN_H

#include <stdint.h>

#include "../../../init/base/err.h"

/* The media of a round: so many parts of DISK_DEVICE, of `bytes` each. */
struct chain {
	int media;
	uint64_t bytes;
};

#define DISK_DEVICE "/dev/vda"

/* `step` is one of record.h. 0, or -1 with *e. */
int chain_round(const struct chain *c, const char *sequence, const char *fstype, const char *step,
                struct err *e);

#endif
