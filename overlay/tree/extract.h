/* extract: a sink that makes members real, beneath one root.
 *
 * Every path is opened beneath the root without following a symbolic link, every
 * file is made anew under O_EXCL, owner, mode and attributes are set on the
 * descriptor. What the rules of check.h refuse is refused here too. Whiteouts
 * remove, an opaque directory is emptied of what the archive did not bring. The
 * times of directories are set last.  */
#ifndef TREE_EXTRACT_H
#define TREE_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../tar/check.h"
#include "../tar/member.h"

struct extract {
	int root;           /* borrowed: the merged root */
	bool exact;         /* the archive holds all attributes: others are removed */
	const char *below;  /* only members at or below this path; NULL or "": all */
	struct check check; /* .pristine is the caller's to set */
	uid_t uid;          /* of what is made, and the modes that it can't have at once */
	gid_t gid;
	mode_t masked;
	int parent;         /* owned: the directory of the last member, or -1 */
	bool parent_marks;  /* it gives what is made in it an ACL or a group */
	char parent_path[MEMBER_PATH_MAX];
	struct dir_time {
		char *path; /* owned */
		struct timespec mtime;
	} * times; /* owned */
	size_t n_times, size_times;
	char skipped[64]; /* "" or an attribute that this kernel could not take */
	uint8_t buf[65536];
};

/* Whole-struct start: root, pristine, exact; the rest zero. */
void extract_open(struct extract *x, int root, int pristine, bool exact);

/* A sink's member function, its ctx a struct extract. */
int extract_member(void *extract, const struct member *m, const struct member_data *data,
                   struct err *e);

/* Sets the times of directories. 0, or -1 with *e. */
int extract_finish(struct extract *x, struct err *e);

void extract_drop(struct extract *x);

#endif
