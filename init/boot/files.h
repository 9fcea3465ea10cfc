/* files: what the fleet's file gives this machine besides settings.
 *
 * Archives and files of files= are brought, all of them are checked by the rules of a
 * saved archive, and only then put into the new root, over what was restored: what the
 * server says is so at each boot. What can't be had or is refused is waited for as the
 * fleet's file is (fleet.h); where that file says something else meanwhile, the boot
 * starts over with it. slate.hostname= is written here, too.  */
#ifndef BOOT_FILES_H
#define BOOT_FILES_H

#include "boot.h"

/* 0; STAGE_WAS_SKIPPED; -1 with *e: slate.hostname= could not be written. */
int files_run(struct boot *b, struct err *e);

/* Is it a name that a host may have? */
bool files_hostname_is_good(const char *name);

#endif
