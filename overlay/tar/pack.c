#include "pack.h"

#include <stdlib.h>

#include "gzout.h"
#include "tarout.h"

struct packing {
	struct gzout gz;
	struct tarout tar;
};

static int pack_all(struct packing *p, const struct pack_source *source, struct err *e)
{
	const struct sink sink = { tarout_member, &p->tar };

	if (source->each(source->ctx, &sink, e) < 0 || tarout_finish(&p->tar, e) < 0)
		return -1;
	return gzout_finish(&p->gz, e);
}

int pack(const struct pack_source *source, bool header,
         int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
         struct pack_result *out, struct err *e)
{
	struct packing *p = calloc(1, sizeof *p);
	int result;

	if (!p)
		return err_sys(e, "archive");
	result = gzout_open(&p->gz, header, write, ctx, e);
	tarout_open(&p->tar, gzout_write, &p->gz);
	if (result == 0)
		result = pack_all(p, source, e);
	*out = (struct pack_result){ p->gz.made, p->gz.taken, p->tar.members };
	tarout_drop(&p->tar);
	free(p);
	return result;
}
