/* modules: kernel modules by name or alias, through libkmod, in this process.
 *
 * The initramfs holds only what a boot may need, so a name or an alias without
 * a module is not an error: it is in the kernel, or not needed.  */
#ifndef BOOT_MODULES_H
#define BOOT_MODULES_H

#include "../base/err.h"

struct kmod_ctx;

struct modules {
	struct kmod_ctx *ctx;  /* NULL: this initramfs has no modules */
	const char *blacklist; /* comma list, borrowed; "": none. For aliases only */
};

/* Modules below `dir` (NULL: /lib/modules/RELEASE). A kernel without any is no
 * error. 0, or -1 with *e. */
int modules_open(struct modules *m, const char *dir, const char *blacklist, struct err *e);
void modules_close(struct modules *m);

/* Loads a module, what it needs and what its soft dependencies name; `options`
 * may be NULL. Returns 1: it is in the kernel now; 0: there is no such module;
 * -1 with *e. */
int modules_load(struct modules *m, const char *name, const char *options, struct err *e);

/* Loads every module that claims `alias` and is not on the blacklist. Returns how
 * many are in the kernel now, or -1 with *e for the first that can't be loaded. */
int modules_load_alias(struct modules *m, const char *alias, struct err *e);

/* Loads each of a comma list. 0, or -1 with *e naming the first that failed or
 * that is not there; the others are loaded all the same. */
int modules_load_list(struct modules *m, const char *list, struct err *e);

/* Loads what mounting `fstype` takes. Same returns as modules_load. */
int modules_load_fs(struct modules *m, const char *fstype, struct err *e);

/* Is the module `name` in a comma list? '-' and '_' are the same. */
int modules_name_is_listed(const char *list, const char *name);

#endif
