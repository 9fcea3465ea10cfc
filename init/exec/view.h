/* view: what a unit is to see of the files: a list of paths and what is there, made of
 * its sandbox.
 *
 * Sorted, so that a path comes behind those above it, and each once. The paths are
 * canonical at the time of view_make, which looks at the file system and changes
 * nothing. Strings belong to the sandbox or to the view.  */
#ifndef EXEC_VIEW_H
#define EXEC_VIEW_H

#include "../base/err.h"
#include "../unit/sandbox.h"

enum view_kind { /* where two are wanted at one path the later one is taken */
	VIEW_SAME,   /* what is there anyway */
	VIEW_PROC,   /* /proc, of other processes or without other files */
	VIEW_TMPFS,  /* an empty directory in memory */
	VIEW_DEV,    /* /dev with the devices of no hardware */
	VIEW_BIND,   /* what is at another path */
	VIEW_HIDDEN, /* nothing that can be used */
};

enum view_right { RIGHT_INHERITED, RIGHT_GIVEN, RIGHT_TAKEN }; /* two at one path: the later */

struct view_entry {
	const char *path;
	const char *directive; /* that asked for it, for messages */
	enum view_kind kind;
	const char *from;      /* BIND */
	const char *options;   /* TMPFS, PROC */
	enum view_right write, execute;
	bool optional;         /* nothing is wrong when it is missing */
	bool flat;             /* BIND: without what is mounted below */

	uint64_t attributes;   /* MOUNT_ATTR_RDONLY and NOEXEC, with those of the paths above */
	bool differs;          /* it needs a mount of its own */
	bool is_inside;        /* below one that is not SAME: not there before that is in place */
	int tree;              /* descriptor; -1 */
};

enum { VIEW_MAX = 192, VIEW_TEXT = 16 * 1024 };

struct view {
	struct view_entry at[VIEW_MAX];
	unsigned n;
	char text[VIEW_TEXT]; /* of the paths */
	size_t used;
};

/* `tmp`, `var_tmp`: what PrivateTmp= puts there; "": nothing. The unit's own
 * directories (RuntimeDirectory= …) are there and stay writable. -1 with *e: a path is
 * missing that is not optional. */
int view_make(struct view *v, const struct exec_config *config, const struct sandbox *box,
              const char *tmp, const char *var_tmp, struct err *e);

#endif
