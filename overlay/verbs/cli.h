/* cli: what the commands on saved configuration have in common.  */
#ifndef VERBS_CLI_H
#define VERBS_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/command.h"
#include "../../init/base/err.h"
#include "../changes/changes.h"
#include "../medium/layer.h"
#include "../save/save.h"
#include "../slot/generations.h"

struct cli {
	const char *program; /* "slate", "lbu" */
	const char *verb;
	struct layer layer;
	bool verbose, quiet, json;
	bool all; /* changes: those too that save.list leaves out */
};

/* A command whose work is `run`: opens the machine's layer first (and makes a medium
 * read-only again that a killed save left writable), closes it after, prints the
 * error. Returns an exit status. */
int cli_run(struct cli *c, int (*run)(struct cli *c, void *arg, struct err *e), void *arg);

/* "slate: save: TEXT" on standard error. */
void cli_complain(const struct cli *c, const char *text);
/* Prints "usage: slate VERB ARGS" and returns COMMAND_USAGE. */
int cli_usage(const struct cli *c, const char *args);

/* save_options that print what is left out, notes and, on a terminal, progress. */
struct save_options cli_save_options(struct cli *c);

/* The path that the user typed, as members have them: absolute, or relative to the
 * working directory. 0, or -1 with *e. */
int cli_path(const char *typed, char path[MEMBER_PATH_MAX], struct err *e);

/* Prints what a save would change against a generation (or, with `image`, against
 * the image), a line "A path" each. The number of changes, or -1 with *e. */
long cli_changes(struct cli *c, uint64_t which, bool image, struct err *e);

/* Tells of the same changes. */
long cli_changes_each(struct cli *c, uint64_t which, bool image,
                      void (*tell)(void *ctx, const struct change *change), void *ctx,
                      struct err *e);

/* Prints `path` with control characters replaced, with and without a newline. */
void cli_print_path(const char *path);
void cli_print_clean(const char *path);

#endif
