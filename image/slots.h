/* slots: empty save slots that really occupy their place on the medium.
 *
 * A slot is all zeros, and tools that fill file systems leave zeros out: ext4's
 * would have holes, to be filled at the first save, when power may fail. So the
 * slots are copied in with a pattern in each block, and the pattern is then
 * overwritten with zeros in the finished disk image, where it is also seen
 * whether every slot lies in one piece.  */
#ifndef IMAGE_SLOTS_H
#define IMAGE_SLOTS_H

#include <stdint.h>

#include "../init/base/err.h"

/* Creates the file `path` with `size` bytes of pattern, a multiple of 512. */
int slots_fill(const char *path, uint64_t size, struct err *e);

/* Zeros the pattern of `n` slots of `size` bytes each in the disk image. -1 with
 * *e when they are not all there, or one lies in pieces. */
int slots_zero(const char *disk, uint64_t n, uint64_t size, struct err *e);

#endif
