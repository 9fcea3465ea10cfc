#include "gzin.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW_GZIP = 15 + 16 };

int gzin_open(struct gzin *g, int fd, uint64_t length, const struct gzin_crypt *crypt,
              uint64_t most, struct err *e)
{
	g->crypt = crypt;
	g->fd = fd;
	g->at = g->given = 0;
	g->end = length;
	g->most = most;
	g->inside = false;
	g->z = (z_stream){ 0 };
	g->open = inflateInit2(&g->z, WINDOW_GZIP) == Z_OK;
	return g->open ? 0 : err_say(e, "decompress: out of memory");
}

void gzin_close(struct gzin *g)
{
	if (g->open)
		inflateEnd(&g->z);
	g->open = false;
}

static ssize_t read_some(struct gzin *g, struct err *e)
{
	uint64_t end = g->crypt ? g->crypt->from : g->end, left = g->at < end ? end - g->at : 0;
	ssize_t n;

	if (g->crypt && left == 0)
		return g->crypt->read(g->crypt->ctx, g->in, sizeof g->in, e);
	do
		n = pread(g->fd, g->in, left < sizeof g->in ? left : sizeof g->in, (off_t)g->at);
	while (n < 0 && errno == EINTR);
	return n < 0 ? err_sys(e, "read at %llu", (unsigned long long)g->at) : n;
}

/* More input when there is none left; 0 at the end of the file. */
static int refill(struct gzin *g, struct err *e)
{
	if (g->z.avail_in > 0)
		return 1;

	ssize_t n = read_some(g, e);

	if (n < 0)
		return -1;
	g->at += (uint64_t)n;
	g->z.next_in = g->in;
	g->z.avail_in = (unsigned)n;
	return n > 0;
}

/* Between members: past padding to the next member. 1: there is one; 0: the end. */
static int next_member(struct gzin *g, struct err *e)
{
	bool first = g->at == 0;
	int more;

	while ((more = refill(g, e)) > 0) {
		while (!first && g->z.avail_in > 0 && *g->z.next_in == 0)
			g->z.next_in++, g->z.avail_in--;
		if (g->z.avail_in == 0)
			continue;
		if (*g->z.next_in != 0x1f)
			return err_say(e, first ? "not a gzip file"
			                        : "bytes after the end of the archive");
		inflateReset2(&g->z, WINDOW_GZIP);
		g->inside = true;
		return 1;
	}
	if (more == 0 && first)
		return err_say(e, "not a gzip file: it is empty");
	return more;
}

static int refuse(const struct gzin *g, int code, struct err *e)
{
	if (code == Z_BUF_ERROR)
		return err_say(e, "cut short: the gzip stream does not end");
	if (code == Z_MEM_ERROR)
		return err_say(e, "decompress: out of memory");
	return err_say(e, "damaged gzip stream: %s", g->z.msg ? g->z.msg : "unknown");
}

static int inflate_some(struct gzin *g, struct err *e)
{
	int more = refill(g, e);

	if (more < 0)
		return -1;

	int code = inflate(&g->z, Z_NO_FLUSH);

	if (code == Z_STREAM_END)
		g->inside = false;
	else if (code != Z_OK || more == 0)
		return refuse(g, code == Z_OK ? Z_BUF_ERROR : code, e);
	return 0;
}

ssize_t gzin_read(struct gzin *g, void *buf, size_t len, struct err *e)
{
	g->z.next_out = buf;
	g->z.avail_out = (unsigned)len;
	while (g->z.avail_out > 0) {
		int more = g->inside ? 1 : next_member(g, e);

		if (more < 0 || (more > 0 && inflate_some(g, e) < 0))
			return -1;
		if (more == 0)
			break;
	}

	size_t got = len - g->z.avail_out;

	g->given += got;
	if (g->given > g->most)
		return err_say(e, "larger than %llu MiB when decompressed",
		               (unsigned long long)(g->most >> 20));
	return (ssize_t)got;
}
