/* box: the small stateless machine that saves to the medium under test.
 *
 * Its parts are directories of a tmpfs; the medium is a block device, mounted as
 * at a boot: read-only, with the options that slate-boot uses.  */
#ifndef GUEST_BOX_H
#define GUEST_BOX_H

#include <stdint.h>

#include "../../../init/base/err.h"

#define BOX_MEDIUM "/box/medium"

struct box {
	const char *device, *fstype; /* borrowed */
	int root;                    /* owned: what restore writes into; -1: none yet */
	char degraded[300];          /* what the last restore passed over */
};

/* Makes the directories. 0, or -1 with *e. */
int box_open(struct box *b, const char *device, const char *fstype, struct err *e);

int box_mount(const struct box *b, struct err *e);
int box_unmount(struct err *e);

/* Mounts the medium, writes a file of `byte` until it is full, unmounts. 0, or -1 with *e. */
int box_fill(const struct box *b, int byte, struct err *e);

/* Makes generation `generation` the one to save: its files are the box's changes. */
int box_change(int generation, uint64_t bytes, struct err *e);

/* Restores as a boot does, and looks: a generation, TREE_NONE or TREE_TORN. */
int box_restore(struct box *b);

#endif
