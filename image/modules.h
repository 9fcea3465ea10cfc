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

/* Fills *paths with file names relative to wish->dir, sorted, each once, and
 * *firmware with the names that these modules ask for. The caller frees both.
 * 0, or -1 with *e (no indexes, a required module missing). */
int modules_choose(const struct module_wish *wish, struct names *paths, struct names *firmware,
                   struct err *e);

#endif
