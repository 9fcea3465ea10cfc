/* expand: what $VARIABLES in a command line stand for, and environment files.
 *
 * Pure text work for the child that is about to execute a service's command:
 * ${NAME} is replaced inside its word, $NAME as a whole word becomes as many
 * words as its value has, `$$` is a dollar sign. See systemd.service(5).  */
#ifndef UNIT_EXPAND_H
#define UNIT_EXPAND_H

#include "../base/err.h"
#include "../base/span.h"
#include "exec.h"

/* Letters, digits and _, the first no digit. */
bool expand_is_name(struct span name);

/* Words go to `words` (argv style, ended by NULL, at most `max` with it), their
 * bytes to `buf`. `env` is "NAME=value", ended by NULL; a name that is not there
 * is empty. Commands with EXEC_NO_EXPAND keep their words as they are.
 * Returns the number of words, or -1 with *e when they do not fit. */
int expand_command(const struct exec_command *command, char *const *env, const char **words,
                   size_t max, char *buf, size_t size, struct err *e);

/* Reads the text of an EnvironmentFile= and calls set() with each name and value
 * (terminated, good until it returns). Lines that are no assignment, and names
 * that are none, are left out. 0, or -1 with *e: a line longer than the buffer,
 * or set() returned -1. */
int expand_env_file(struct span text, int (*set)(void *ctx, const char *name, const char *value),
                    void *ctx, struct err *e);

#endif
