/* manifest: the paths of a generation, or of what would be saved now, with a
 * fingerprint each; times do not count.  */
#ifndef CHANGES_MANIFEST_H
#define CHANGES_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../tar/member.h"

enum { MANIFEST_DIGEST = 16 };

struct print {
	enum member_type type; /* never HARDLINK: a further name of a file is a file */
	bool opaque;
	uint32_t mode, uid, gid;
	uint64_t size;
	uint8_t content[MANIFEST_DIGEST]; /* of a file's bytes or a link's target */
	uint8_t xattrs[MANIFEST_DIGEST];
};

struct manifest {
	struct manifest_entry {
		char *path;    /* owned */
		char *same_as; /* owned: a hard link's target, until manifest_finish */
		struct print print;
	} * at; /* owned; sorted by path after manifest_finish */
	size_t n, size;
};

/* A sink's member function, its ctx a struct manifest ({0} at first). */
int manifest_member(void *manifest, const struct member *m, const struct member_data *data,
                    struct err *e);

/* Sorts. Needed before the functions below. */
void manifest_finish(struct manifest *m);

const struct manifest_entry *manifest_find(const struct manifest *m, const char *path);

/* The fingerprint of one member. 0, or -1 with *e. */
int print_member(struct print *p, const struct member *m, const struct member_data *data,
                 struct err *e);

void manifest_drop(struct manifest *m);

#endif
