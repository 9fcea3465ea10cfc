/* attrs: extended attributes of a file, read, compared and set by descriptor.
 *
 * ACLs are extended attributes here, in the kernel's bytes. Which names are kept
 * is check.h's to say; those of the overlay itself are never seen.  */
#ifndef TREE_ATTRS_H
#define TREE_ATTRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../tar/member.h"

enum { ATTRS_MAX = 64 };

/* Memory for one file's attributes, used again for the next. {0} at first. */
struct attrs {
	uint8_t *bytes; /* owned: names and values */
	size_t size;
	struct xattr at[ATTRS_MAX];
	struct xattrs list; /* what was read, sorted by name; points into this struct */
	char left_out[64];  /* "" or the name of one that is not kept */
	bool incomplete;    /* the overlay says that the file's content or name is elsewhere */
};

/* Reads the attributes of `name` in `dir`, without following it; "": of `dir`
 * itself. A file system without attributes has none. 0, or -1 with *e. */
int attrs_read(struct attrs *a, int dir, const char *name, struct err *e);

/* The same of what is open as `fd` (not with O_PATH): a third of the time, as /proc has
 * no part in it. */
int attrs_read_open(struct attrs *a, int fd, struct err *e);

bool attrs_equal(const struct xattrs *a, const struct xattrs *b);

/* Sets them on `name` in `dir`, as above. With `exact` those that are kept by the
 * rules and not in `list` are removed. What this kernel or file system does not
 * know is passed over if nothing depends on it (`skipped`, a name, or "").
 * 0, or -1 with *e. */
int attrs_write(const struct xattrs *list, int dir, const char *name, bool exact, char skipped[64],
                struct err *e);

/* The value of one attribute in buf; its length, 0 when there is none, -1 with errno. */
ssize_t attrs_get(int dir, const char *name, const char *attribute, void *buf, size_t size);

void attrs_drop(struct attrs *a);

#endif
