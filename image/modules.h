/* modules: which kernel modules go into an initramfs, and their files.
 *
 * Resolved through libkmod from the modules directory's own indexes: for each
 * word of the drivers table, the modules that it names, what they depend on and
 * their soft dependencies. What is built into the kernel needs no file.  */
#ifndef IMAGE_MODULES_H
#define IMAGE_MODULES_H

#include <stdbool.h>

#include "../init/base/err.h"
#include "../init/base/names.h"
#include "../init/base/span.h"

struct module_wish {
	const char *dir;     /* …/lib/modules/VERSION, with depmod's indexes */
	struct span drivers; /* the text of drivers.txt */
	const char *extra;   /* comma list of further modules, or "" */
	bool network;        /* of network cards too */
	bool nfs, nbd;       /* of such roots */
	bool all;            /* every module there is */
};

/* Each list is sorted, and has a name once. */
struct modules_chosen {
	struct names paths;    /* of files, relative to wish->dir */
	struct names always;   /* those among them that every boot loads: WORD! and what it needs */
	struct names firmware; /* what they ask for */
};

/* 0, or -1 with *e (no indexes, a required module missing). modules_drop in both cases. */
int modules_choose(const struct module_wish *wish, struct modules_chosen *out, struct err *e);

void modules_drop(struct modules_chosen *chosen); /* leaves {0} */

#endif
