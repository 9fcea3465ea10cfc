/* archive: a file that can be restored: a sealed slot, or an Alpine archive, which may be
 * encrypted.
 *
 * Each step reads the whole file in a child with limits on time and memory.  */
#ifndef SLOT_ARCHIVE_H
#define SLOT_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../tar/member.h"
#include "opensslin.h"
#include "slot.h"
#include "vouch.h"

struct archive {
	int fd;          /* borrowed, readable */
	uint64_t length; /* bytes of the gzip file */
	bool sealed;     /* `record` holds a digest of it */
	bool openssl;    /* not sealed: encrypted as opensslin.h has it */
	struct slot_record record;
	const struct vouch *vouch; /* borrowed: who must have signed it; NULL: nobody */
	int dir;                   /* not sealed: borrowed; the file is `path` below it */
	const char *path;
	int pristine; /* borrowed: the read-only root, for the rules; -1: none */
	/* Extracting it, in the child: told of each member before it is made; NULL: nobody. */
	const struct sink *told;
};

struct archive_outcome {
	uint64_t members;
	char skipped[64]; /* "" or an extended attribute that could not be set */
};

/* Looks into the file `a->fd` of `a->length` bytes: where it is a slot that was saved to a
 * server or copied (sealedfile.h), it is sealed from now on, with its record. 0, also where
 * it is something else; -1 with *e: it is a slot, but not a whole one. */
int archive_look(struct archive *a, struct err *e);

/* Pass one and two: digest and signature, then every member against the rules. Nothing is
 * written. 0, or -1 with *e. */
int archive_validate(const struct archive *a, struct archive_outcome *out, struct err *e);

/* Finds the secret of one that openssl encrypted: it was left in vouch->secrets, or comes of
 * the key file there. 1: *out, the caller's to wipe; 0: neither; -1 with *e. */
int archive_openssl_secret(const struct archive *a, struct opensslin_secret *out, struct err *e);

/* The first of these alone: before anything is decrypted, or a passphrase asked for. */
int archive_authenticate(const struct archive *a, struct err *e);

/* Passes the members on, decrypting them where they are encrypted; in this process,
 * so after archive_validate. 0; -1 with *e, also when the sink ended it. */
int archive_read(const struct archive *a, const struct sink *sink, struct err *e);

/* Pass three: makes the members at or below `below` (NULL: all) beneath `root`.
 * 0, or -1 with *e: the root is then half made. */
int archive_extract(const struct archive *a, int root, const char *below,
                    struct archive_outcome *out, struct err *e);

#endif
