/* fleet: settings and files of this machine out of one file for many (fleetfile.h).
 *
 * slate.fleet= says where it is: a URL, or medium:PATH. Its settings lie between the
 * medium's slate.conf and the command line. Until the file can be had and has a section
 * for this machine the boot waits, says so with what tells this machine from others, and
 * reads it again after pauses that grow to a minute: a machine that a fleet knows nothing
 * of must not run as somebody else, and has nobody to ask.
 *
 * Whoever serves the file is trusted as the one who serves the medium. Where the
 * initramfs holds a key, a file that this key has signed (NAME.minisig beside it) counts
 * as the image's own settings; of any other only what settings_is_harmless has is taken,
 * and no files.  */
#ifndef BOOT_FLEET_H
#define BOOT_FLEET_H

#include "boot.h"

#define FLEET_URL_MAX 640

/* Takes the settings once, as soon as slate.fleet= is known and can be read; at the
 * latest when the medium is there. 0, or STAGE_WAS_SKIPPED. */
int fleet_run(struct boot *b, struct err *e);

/* The same file again, as it is now. 0, or -1 with *e: it can't be had, or says nothing
 * to this machine. */
int fleet_read(struct boot *b, struct fleetfile *out, enum settings_source *source, struct err *e);

/* Says why the boot waits, and waits before the next try after so many `failures`. */
void fleet_wait(const struct boot *b, unsigned failures, const struct err *why);

/* Where a file named in the fleet's file is: true: *out (FLEET_URL_MAX) is a URL; false:
 * a path on the medium. -1 with *e: it is too long, or there is no such place. */
int fleet_place(const struct boot *b, const char *from, char *out, struct err *e);

/* Brings `url`, of at most `max` bytes (0: as many as fit), to PATH_RUN/`name`. 1: it is
 * there; 0: the server has none, as *e says; -1 with *e. */
int fleet_fetch(struct boot *b, const char *url, const char *name, uint64_t max, struct err *e);

#endif
