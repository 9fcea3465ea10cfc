/* command: the verbs of the `slate` tool as rows of tables.
 *
 * Each part of the program exports a table (overlay_commands, image_commands,
 * unit_commands, …); init/ctl/main.c looks a verb up in all of them and makes
 * `slate --help` from the same rows. A command prints its own errors as
 * "slate: VERB: what: why; what is still safe" on standard error.  */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include <stddef.h>

/* Exit statuses. COMMAND_DIFFERS: done, and the answer to a question was not "no". */
enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_USAGE = 2, COMMAND_DIFFERS = 3 };

struct command {
	const char *name;
	const char *args; /* "[--try TIME] [-m MESSAGE]", "" for none; NULL: it answers --help itself */
	const char *help; /* one line, no full stop; NULL: not listed */
	/* argv[0] is the verb; argv[argc] is NULL. Returns an exit status. */
	int (*run)(int argc, char **argv);
};

struct command_table {
	const char *title; /* heading in the help */
	const struct command *rows;
	size_t n;
};

#endif
