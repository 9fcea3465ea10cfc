/* pax: the records of a pax extended header, "LENGTH KEY=VALUE\n" (POSIX.1-2017
 * pax; SCHILY.* as star, GNU tar and libarchive write them).  */
#ifndef TAR_PAX_H
#define TAR_PAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"
#include "acl.h"
#include "member.h"

enum { PAX_MAX = 262144, PAX_XATTRS = 64 };

/* What the records say about the next member; spans into the record text. */
struct pax {
	struct span path, target; /* .at == NULL: not given */
	bool has_size, has_mtime, has_uid, has_gid;
	uint64_t size;
	struct timespec mtime;
	uint32_t uid, gid;
	size_t n_xattrs;
	struct xattr xattrs[PAX_XATTRS]; /* names are in `names` */
	char names[PAX_XATTRS][256];
	uint8_t acls[2][ACL_BYTES_MAX]; /* access, default */
};

/* Adds what `text` (of one extended header) says. Unknown keys are passed over.
 * 0, or -1 with *e when it is malformed or says what can't be honoured. */
int pax_decode(struct span text, struct pax *out, struct err *e);

/* A global header may only hold keys that mean nothing here. 0, or -1 with *e. */
int pax_decode_global(struct span text, struct err *e);

/* A growing text of records, owned by whoever set `at` = NULL first. */
struct pax_text {
	char *at;
	size_t len, size;
};

/* Adds a record. 0, or -1 with *e (no memory, more than PAX_MAX). */
int pax_add(struct pax_text *text, const char *key, const void *value, size_t len, struct err *e);

#endif
