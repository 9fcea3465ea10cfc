#include "gzout.h"

#include <string.h>
#include <zlib.h>

enum { LEVEL = 2 };

static int pass_on(struct gzout *g, const void *bytes, size_t len, struct err *e)
{
	g->made += len;
	return g->write(g->ctx, bytes, len, e);
}

int gzout_open(struct gzout *g, bool header,
               int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
               struct err *e)
{
	static const uint8_t plain[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3 };

	g->write = write;
	g->ctx = ctx;
	isal_deflate_init(&g->z);
	g->z.level = LEVEL;
	g->z.level_buf = g->memory;
	g->z.level_buf_size = sizeof g->memory;
	g->crc = (uint32_t)crc32(0, NULL, 0);
	g->taken = g->made = 0;
	g->fill = 0;
	return header ? pass_on(g, plain, sizeof plain, e) : 0;
}

/* Compresses what `in` holds; all that comes of it goes out before the end of the stream. */
static int drain(struct gzout *g, bool end, struct err *e)
{
	g->crc = (uint32_t)crc32(g->crc, g->in, (unsigned)g->fill);
	g->z.next_in = g->in;
	g->z.avail_in = (uint32_t)g->fill;
	g->z.end_of_stream = end;
	g->fill = 0;
	do {
		g->z.next_out = g->out;
		g->z.avail_out = sizeof g->out;
		if (isal_deflate(&g->z) != COMP_OK)
			return err_say(e, "compress: ISA-L failed");

		size_t len = sizeof g->out - g->z.avail_out;

		if (len > 0 && pass_on(g, g->out, len, e) < 0)
			return -1;
	} while (end ? g->z.internal_state.state != ZSTATE_END : g->z.avail_out == 0);
	return 0;
}

int gzout_write(void *gzout, const void *bytes, size_t len, struct err *e)
{
	struct gzout *g = gzout;

	g->taken += len;
	for (size_t done = 0, n; done < len; done += n) {
		n = len - done < sizeof g->in - g->fill ? len - done : sizeof g->in - g->fill;
		memcpy(g->in + g->fill, (const char *)bytes + done, n);
		g->fill += n;
		if (g->fill == sizeof g->in && drain(g, false, e) < 0)
			return -1;
	}
	return 0;
}

int gzout_finish(struct gzout *g, struct err *e)
{
	uint8_t trailer[8];

	if (drain(g, true, e) < 0)
		return -1;
	for (int i = 0; i < 4; i++) {
		trailer[i] = (uint8_t)(g->crc >> (8 * i));
		trailer[4 + i] = (uint8_t)((uint32_t)g->taken >> (8 * i));
	}
	return pass_on(g, trailer, sizeof trailer, e);
}
