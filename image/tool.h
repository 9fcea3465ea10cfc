/* tool: runs the programs that make file systems and partition tables.
 *
 * A tool is looked for in PATH and then in /usr/sbin and /sbin, where Debian
 * keeps the mkfs family out of a user's PATH. It is started without a shell,
 * with nothing on standard input but `input`, or what `feed` writes meanwhile; it
 * dies with its caller.  */
#ifndef IMAGE_TOOL_H
#define IMAGE_TOOL_H

#include <stdbool.h>

#include "../init/base/err.h"

#define TOOL_ARGS_MAX 48

struct tool_run {
	const char *input;  /* its standard input; NULL: empty */
	/* Writes it instead, to `to`; -1 with *e makes the run a failure. */
	int (*feed)(void *ctx, int to, struct err *e);
	void *ctx;
	bool show;          /* its standard output is ours: a progress bar */
	bool terminal;      /* so are its input and errors: it asks for a password */
};

/* 0, or -1 with *e as "NAME is missing: apt-get install PACKAGE". */
int tool_find(const char *name, char path[static 256], struct err *e);

/* Runs argv[0] and waits for it. 0 when it exited with 0; else -1, and *e holds
 * the end of what it printed. `run` NULL: no input, output kept. */
int tool_run(const char *const *argv, const struct tool_run *run, struct err *e);

#endif
