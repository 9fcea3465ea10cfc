/* gzin: reads what a gzip file holds, checking it on the way.
 *
 * zlib compares length and CRC of each member of the file; several members in a
 * row are read as one, zeros after the last are padding. Memory: some 100 KiB,
 * whatever the file says. The file is read from offset 0 by pread.  */
#ifndef TAR_GZIN_H
#define TAR_GZIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <zlib.h>

#include "../../init/base/err.h"

/* What gives the bytes of a file that is encrypted from `from` on: `read` at most `len`
 * of them, which are 32768; 0 at the end; -1 with *e. */
struct gzin_crypt {
	uint64_t from;
	ssize_t (*read)(void *ctx, void *buf, size_t len, struct err *e);
	void *ctx;
};

struct gzin {
	int fd;                         /* borrowed */
	uint64_t at, end;               /* bytes of the file read, and to read */
	const struct gzin_crypt *crypt; /* borrowed, or NULL: in the clear */
	uint64_t given, most;  /* bytes given to the caller, and the cap on them */
	z_stream z;
	bool open, inside; /* a stream was begun; in the middle of a member */
	uint8_t in[32768];
};

/* Reads the first `length` bytes of `fd`, through `crypt` where it is not NULL; refuses
 * to give more than `most`. */
int gzin_open(struct gzin *g, int fd, uint64_t length, const struct gzin_crypt *crypt,
              uint64_t most, struct err *e);

/* Reads `len` bytes, fewer only at the end. Returns the count, or -1 with *e. */
ssize_t gzin_read(struct gzin *g, void *buf, size_t len, struct err *e);

void gzin_close(struct gzin *g);

#endif
