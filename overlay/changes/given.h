/* given: what each boot puts into the root by itself: the files that a fleet's file names,
 * the host's name of the settings, the name servers of DHCP.
 *
 * Such a path is nobody's change for as long as it is as it was given: no save keeps it,
 * for the next boot may give another, and nothing is unsaved about it. PATH_GIVEN has a
 * line for each: a mark of its type, mode, owner, content and attributes, but not of its
 * times; a blank; the path.  */
#ifndef CHANGES_GIVEN_H
#define CHANGES_GIVEN_H

#include <stdbool.h>
#include <stddef.h>

#include "../../init/base/err.h"

struct given {
	char *text; /* owned: the lines, cut into pieces */
	struct given_path {
		const char *path, *mark;
	} * at; /* owned; sorted by path */
	size_t n;
	int upper; /* borrowed: the overlay's upper directory */
};

/* Reads the list of a boot; where there is none, or only root may read it, nothing was
 * given. 0, or -1 with *e. given_drop in both cases. */
int given_read(struct given *g, const char *list, int upper, struct err *e);

/* Whether `path` was given, whatever became of it. `g` NULL: nothing was. */
bool given_has(const struct given *g, const char *path);

/* Whether `path` was given and is as it was: 1 or 0; -1 with *e. */
int given_is_untouched(const struct given *g, const char *path, struct err *e);

void given_drop(struct given *g);

/* At boot, before `path` is put beneath `root`: notes it in the file open as `names`, and
 * with it the directories above it that are not there yet. 0, or -1 with *e. */
int given_note(int names, int root, const char *path, struct err *e);

/* When all is put: writes the list of what is noted in `names`, as it is in the overlay's
 * `upper` directory now. 0, or -1 with *e. */
int given_write(const char *list, int names, int upper, struct err *e);

#endif
