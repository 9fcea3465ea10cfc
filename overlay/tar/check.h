/* check: what an archive may hold. The same rules judge a member before it is
 * saved and before it is restored, so nothing is saved that a boot would refuse.
 *
 * Each member alone: type, setuid and setgid bits, extended attributes. And in
 * its place: no path below something that is no directory, no second member of
 * another type under one path, hard links only to files that came before.  */
#ifndef TAR_CHECK_H
#define TAR_CHECK_H

#include <stdint.h>

#include "../../init/base/err.h"
#include "member.h"
#include "seen.h"

enum { CHECK_MEMBERS_MAX = 262144 };

struct check {
	int pristine; /* borrowed: the root whose setuid files may come back; -1: none */
	struct seen seen;
	char parent[MEMBER_PATH_MAX]; /* all above it, and it, are in `seen` as directories */
	uint64_t members, bytes;
};

/* Judges `m` alone. 0, or -1 with *e: path and reason. */
int check_member(const struct check *c, const struct member *m, struct err *e);

/* Judges `m` alone and in its place, and takes note of it. 0, or -1 with *e. */
int check_next(struct check *c, const struct member *m, struct err *e);

/* A sink's member function, its ctx a struct check: validates and writes nothing. */
int check_sink(void *check, const struct member *m, const struct member_data *data, struct err *e);

/* Whether an extended attribute of this name is kept. */
bool check_xattr_is_kept(const char *name);

void check_drop(struct check *c);

#endif
