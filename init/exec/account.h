/* account: users and groups from /etc/passwd and /etc/group.
 *
 * For the child that is about to execute a service; libc's own functions would
 * do, but ask a name service over sockets, and the rule is simple: a name that
 * is not there is an error, never root.  */
#ifndef EXEC_ACCOUNT_H
#define EXEC_ACCOUNT_H

#include <sys/types.h>

#include "../base/err.h"

#define ACCOUNT_GROUPS_MAX 64

struct account {
	uid_t uid;
	gid_t gid;
	char name[64];
	char home[256];
	char shell[256];
};

/* `user` is a name or a number; a number without an entry has gid = uid, home "/"
 * and no name. -1 with *e: no such user, or the file can't be read. */
int account_find(const char *user, struct account *a, struct err *e);

/* `group` is a name or a number. */
int account_group(const char *group, gid_t *gid, struct err *e);

/* Adds the groups that list `user` as a member to groups[*n]. */
int account_groups_of(const char *user, gid_t groups[ACCOUNT_GROUPS_MAX], size_t *n,
                      struct err *e);

#endif
