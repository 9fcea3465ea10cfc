/* environment: the variables of a process that is about to be executed.
 *
 * Lives in the child, in memory of the child's own. A name that is set again
 * takes the new value and keeps its place.  */
#ifndef EXEC_ENVIRONMENT_H
#define EXEC_ENVIRONMENT_H

#include <stddef.h>

#include "../base/err.h"

#define ENVIRONMENT_MAX 1024
#define ENVIRONMENT_BYTES (256 * 1024)

struct environment {
	size_t n, used;
	char *at[ENVIRONMENT_MAX + 1]; /* "NAME=value"; ended by NULL */
	char text[ENVIRONMENT_BYTES];
};

/* -1 with *e: too many variables, or too long. */
int environment_set(struct environment *env, const char *name, const char *value, struct err *e);

/* "NAME=value" as it stands; a text without "=" is left out. */
int environment_put(struct environment *env, const char *assignment, struct err *e);

/* `what` is a name, or NAME=value: unset only if that is the value. */
void environment_unset(struct environment *env, const char *what);

const char *environment_get(const struct environment *env, const char *name); /* NULL: not set */

#endif
