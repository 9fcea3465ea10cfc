/* pack: members to compressed bytes: tar and gzip in one, for any source.  */
#ifndef TAR_PACK_H
#define TAR_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "member.h"

/* Whatever passes members to a sink: the upper directory, another archive, nothing. */
struct pack_source {
	int (*each)(void *ctx, const struct sink *sink, struct err *e);
	void *ctx;
};

struct pack_result {
	uint64_t payload, size; /* bytes compressed, and not */
	uint32_t members;
};

/* Writes the archive of `source` by `write`, with a gzip header of its own or
 * without. 0, or -1 with *e. */
int pack(const struct pack_source *source, bool header,
         int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
         struct pack_result *out, struct err *e);

#endif
