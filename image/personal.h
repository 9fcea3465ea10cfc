/* personal: what a root holds that tells one machine from its twins.
 *
 * Two machines with one host key or one random seed are as good as none, so none of it
 * gets into an image: each machine makes its own (slate-identity.service). What a root
 * has of it comes from the machine that it was copied from. A host name is not meant:
 * it may be the name of all.  */
#ifndef IMAGE_PERSONAL_H
#define IMAGE_PERSONAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../init/base/err.h"
#include "../init/base/span.h"

enum { PERSONAL_MAX = 24 };

struct personal {
	char paths[PERSONAL_MAX][128]; /* below the root */
	size_t n;
};

/* Whether the regular file `path` (below the root) of `size` bytes is. An empty
 * machine-id, or "uninitialized", is none. Pure. */
bool personal_is(struct span path, uint64_t size);

/* Adds it where it is. 0, or -1 with *e: more than can be remembered. */
int personal_note(struct personal *p, struct span path, uint64_t size, struct err *e);

/* Finds all of the directory `root`. 0, or -1 with *e. */
int personal_find(const char *root, struct personal *out, struct err *e);

/* "etc/machine-id, etc/ssh/ssh_host_rsa_key", cut where it does not fit. */
void personal_list(const struct personal *p, char *text, size_t size);

#endif
