/* single: one file that is put into a root as if an archive held it and nothing else.
 *
 * By the rules of check.h and by extract.h, in children, so that a file from a server
 * can no more than an archive from there. What it replaces gives it owner and mode
 * where it is a plain file without setuid bits; else it is the caller's, 0644.  */
#ifndef SLOT_SINGLE_H
#define SLOT_SINGLE_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "vouch.h"

struct single {
	int fd;          /* borrowed, readable; read from its start */
	uint64_t length; /* bytes of it */
	const char *to;  /* relative to the root, as member_path leaves it */
	const struct vouch *vouch; /* who must have signed it; NULL: nobody */
	int dir;                   /* borrowed; the file is `path` below it */
	const char *path;
	int pristine; /* borrowed: the read-only root, for the rules; -1: none */
};

/* Signature and rules; nothing is written. 0, or -1 with *e. */
int single_check(const struct single *s, struct err *e);

/* Puts it beneath `root`, after single_check. 0, or -1 with *e. */
int single_put(const struct single *s, int root, struct err *e);

#endif
