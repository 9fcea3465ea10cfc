/* gzout: compresses into a byte sink, with or without the gzip header.
 *
 * A slot writes its own header, so only the deflate stream and the trailer (CRC
 * and length) come from here; an exported file gets a plain header.  */
#ifndef OVERLAY_GZOUT_H
#define OVERLAY_GZOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#include "../init/base/err.h"

struct gzout {
	int (*write)(void *ctx, const void *bytes, size_t len, struct err *e);
	void *ctx; /* of write */
	z_stream z;
	uint32_t crc;
	uint64_t taken, made; /* bytes in and out */
	uint8_t out[32768];
};

/* `header`: write a gzip header first. 0, or -1 with *e; gzout_drop in both cases. */
int gzout_open(struct gzout *g, bool header,
               int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
               struct err *e);

int gzout_write(void *gzout, const void *bytes, size_t len, struct err *e);

/* Ends the stream. */
int gzout_finish(struct gzout *g, struct err *e);

void gzout_drop(struct gzout *g);

#endif
