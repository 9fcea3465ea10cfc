/* inflate: the contents of a file that may be compressed, in memory.
 *
 * For kernel modules, which distributions ship as .ko, .ko.xz, .ko.zst or .ko.gz.  */
#ifndef IMAGE_INFLATE_H
#define IMAGE_INFLATE_H

#include <stddef.h>

#include "../init/base/err.h"

#define INFLATE_MAX ((size_t)256 << 20) /* bytes; a larger result is refused */

/* Reads the file `path`, decompressed by what its name ends in. The caller
 * frees *data. 0, or -1 with *e naming `path`. */
int inflate_file(const char *path, void **data, size_t *size, struct err *e);

/* The same, of the file's bytes as they are. */
int inflate_read(const char *path, void **data, size_t *size, struct err *e);

#endif
