/* livestep: one change of a file or directory in the running root, which can be undone.
 *
 * All that a change needs is made beforehand in the stage, a directory of the same
 * overlay: tree/ has the new files under their own paths, old/N a hard link to what
 * step N takes away, or an empty directory with the attributes that it changes. Then
 * each step is a rename, an unlink, or the making of a directory, and so is its undoing.
 * Undoing a step that was not taken does nothing, so a run that was killed anywhere is
 * undone from the list alone.  */
#ifndef TREE_LIVESTEP_H
#define TREE_LIVESTEP_H

#include <stdbool.h>
#include <stddef.h>

#include "../../init/base/err.h"

#define LIVE_STAGE ".slate-live" /* in the root; only root may look into it */

enum live_action {
	LIVE_NONE,
	LIVE_PUT,    /* tree/PATH to PATH, in place of what is there, which is no directory */
	LIVE_REMOVE, /* what is there and no directory */
	LIVE_MKDIR,
	LIVE_RMDIR,  /* an empty one */
	LIVE_SETDIR, /* owner, mode, attributes and time of a directory */
	LIVE_ACTIONS
};

struct live_step {
	enum live_action action;
	bool had; /* old/N exists */
	char *path; /* owned */
};

struct live_steps {
	struct live_step *at; /* owned */
	size_t n, size;
};

int live_steps_add(struct live_steps *s, enum live_action action, bool had, const char *path,
                   struct err *e);
void live_steps_drop(struct live_steps *s);

/* The list in the stage: without it a stage is only something to remove. Read, the
 * bytes are checked like foreign ones. 0, or -1 with *e; *s as far as it was read. */
int live_steps_write(const struct live_steps *s, int stage, struct err *e);
int live_steps_decode(const char *bytes, size_t len, struct live_steps *s, struct err *e);
/* 1: there is one; 0: there is none; -1 with *e. */
int live_steps_read(struct live_steps *s, int stage, struct err *e);
/* Whether one waits in the root to be undone: 1 or 0; -1 with *e. */
int live_steps_wait(int root, struct err *e);
/* From now on nothing is undone. 0, or -1 with *e. */
int live_steps_finish(int stage, struct err *e);

/* Makes old/N of each step that takes something away. */
int live_steps_keep(const struct live_steps *s, int root, int stage, struct err *e);

/* Takes all steps in order. 0, or -1 with *e: some were taken. */
int live_steps_take(const struct live_steps *s, int root, int stage, struct err *e);

/* Undoes all, the last first, and goes on after a failure. Then nothing is undone any
 * more: a stage that is removed in part must not be. 0, or -1 with the first *e. */
int live_steps_undo(const struct live_steps *s, int root, int stage, struct err *e);

#endif
