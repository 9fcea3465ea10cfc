/* medium: finds the medium the moment it is there, and mounts it read-only. */
#ifndef BOOT_MEDIUM_H
#define BOOT_MEDIUM_H

#include "boot.h"

/* Waits until b->wanted is there, at most `rootwait=` seconds, and mounts it on
 * PATH_MEDIUM with nosuid, nodev, noexec. Read-only, but not "norecovery": a
 * journal that a power cut left behind is replayed, as a save will write to the
 * same file system, and a root without the last writes would be another one. The
 * settings on it hold from then on.
 * 0, or -1 with *e. */
int medium_find(struct boot *b, struct err *e);

/* Mounts the device that *m names on `target`, as a medium; `flags`: options of the
 * user ("": none). m->dir is its top then, owned. 0, or -1 with *e. */
int medium_mount(struct boot *b, struct medium *m, const char *target, const char *flags,
                 struct err *e);

/* The options that a type is mounted with when nothing may be written to the device,
 * not even what is left in its journal; NULL: none. */
const char *medium_options_as_is(const char *fstype);

/* Says which block devices were seen, a line each. */
void medium_explain(const struct boot *b);

#endif
