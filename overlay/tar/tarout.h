/* tarout: writes members as a pax tar archive into a byte sink.
 *
 * A plain ustar header where it can say everything, a pax header before it for
 * what it can't: names that don't fit, large numbers, sub-second times, extended
 * attributes and ACLs. The same members give the same bytes.  */
#ifndef TAR_TAROUT_H
#define TAR_TAROUT_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "member.h"
#include "pax.h"

struct tarout {
	int (*write)(void *ctx, const void *bytes, size_t len, struct err *e);
	void *ctx; /* of write */
	struct pax_text pax;
	uint32_t members;
	uint64_t bytes; /* written */
	uint8_t buf[32768];
};

void tarout_open(struct tarout *t,
                 int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx);

/* Usable as a sink's member function with the tarout as its ctx. A file that
 * grows while it is read is taken as it was; one that shrinks fails, with
 * e->code = ESTALE. */
int tarout_member(void *tarout, const struct member *m, const struct member_data *data,
                  struct err *e);

/* Writes the end of the archive. */
int tarout_finish(struct tarout *t, struct err *e);

void tarout_drop(struct tarout *t);

#endif
