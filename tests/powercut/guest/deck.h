/* deck: many crash states of one medium, packed on a block device.
 *
 * Written by deck.py, little-endian. A state is a base with extents over it; what
 * neither names is zero.
 *
 *     offset  bytes
 *          0      8  "POWERCUT"
 *          8      8  bytes of the medium
 *         16      8  where the table of bases is, 16 bytes each: first extent, count
 *         24      8  where the table of states is, 32 bytes each: base, first extent, count,
 *                    1 when the medium is to be filled up afterwards
 *         32      8  how many states
 *         40      8  where the table of extents is, 24 bytes each: offset on the
 *                    medium, length, where the bytes are (0: zeros)
 *         48      8  bytes of payload of the save that is tried afterwards
 *         56     16  file system, NUL-padded
 *         72     16  name of the sequence  */
#ifndef GUEST_DECK_H
#define GUEST_DECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../../init/base/err.h"

struct deck {
	const uint8_t *bytes; /* owned: mapped */
	size_t len;
	uint64_t medium, bases, states, n_states, extents, payload;
	char fstype[17], sequence[17];
};

int deck_open(struct deck *d, const char *device, struct err *e);

bool deck_is_to_fill(const struct deck *d, uint64_t i);

/* Gives `image` (a file on a tmpfs) the size of the medium, all zeros. 0, or -1 with *e. */
int deck_size(const struct deck *d, int image, struct err *e);

/* Makes `image` state number `i`. 0, or -1 with *e. */
int deck_lay_out(const struct deck *d, uint64_t i, int image, struct err *e);

#endif
