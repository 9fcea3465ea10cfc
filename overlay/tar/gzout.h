/* gzout: compresses into a byte sink, with or without the gzip header.
 *
 * A slot writes its own header, so only the deflate stream and the trailer (CRC
 * and length) come from here; an exported file gets a plain header.
 *
 * By ISA-L, which takes a quarter of zlib's time at its level 3 for two bytes more in
 * a hundred.  */
#ifndef TAR_GZOUT_H
#define TAR_GZOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <isa-l/igzip_lib.h>

#include "../../init/base/err.h"

struct gzout {
	int (*write)(void *ctx, const void *bytes, size_t len, struct err *e);
	void *ctx; /* of write */
	struct isal_zstream z;
	uint32_t crc;
	uint64_t taken, made; /* bytes in and out */
	size_t fill;          /* of `in` */
	uint8_t in[65536];    /* not compressed yet: a call for each few bytes would be dear */
	uint8_t out[32768];
	uint8_t memory[ISAL_DEF_LVL2_DEFAULT];
};

/* `header`: write a gzip header first. 0, or -1 with *e. */
int gzout_open(struct gzout *g, bool header,
               int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
               struct err *e);

int gzout_write(void *gzout, const void *bytes, size_t len, struct err *e);

/* Ends the stream. */
int gzout_finish(struct gzout *g, struct err *e);

#endif
