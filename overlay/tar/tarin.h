/* tarin: reads a gzipped tar archive, member by member, into a sink.
 *
 * ustar, GNU (long names) and pax; decoded strictly: what is not understood is
 * refused, never skipped, but for pax keys that only describe. Memory is fixed,
 * below 1 MiB. Whether a member is allowed is the sink's to say.  */
#ifndef TAR_TARIN_H
#define TAR_TARIN_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "gzin.h"
#include "member.h"

/* Most bytes that an archive may hold when decompressed. */
#define TARIN_MOST ((uint64_t)4 << 30)

/* Reads the first `length` bytes of `fd` (a gzip file from its start) to the end
 * of the archive. 0; -1 with *e, also when the sink ended it: *e names the
 * member. */
int tarin_read(int fd, uint64_t length, const struct sink *sink, struct err *e);

/* The same of an encrypted one. */
int tarin_read_crypt(int fd, uint64_t length, const struct gzin_crypt *crypt,
                     const struct sink *sink, struct err *e);

#endif
