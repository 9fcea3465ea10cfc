/* place: devices beside the medium that hold saved configuration.
 *
 * slate.save=DEVICE is mounted on PATH_SAVE, where the commands of the running system
 * look for it first; of apkovl=DEVICE:[FSTYPE:]PATH one archive is read. DEVICE is in
 * a form of root=, or a name below /dev. Both are mounted read-only, as the medium.  */
#ifndef BOOT_PLACE_H
#define BOOT_PLACE_H

#include "boot.h"

#define PATH_APKOVL "/run/slate/apkovl" /* where the device of apkovl= is mounted */

struct place {
	char device[256]; /* as root= has it */
	char fstype[20];  /* "": what is found on it */
	char path[256];   /* on it, without a '/' in front; of slate.save=: "" */
};

/* Is `text` of the form DEVICE:[FSTYPE:]PATH, and no URL? */
bool place_is_archive(const char *text);

/* 0, or -1 with *e. */
int place_parse_archive(const char *text, struct place *out, struct err *e);
int place_parse_device(const char *text, struct place *out, struct err *e);

/* Waits for the device as for a medium and mounts it on `target`; `option` is for
 * messages: "apkovl=". The descriptor of its top, the caller's; -1 with *e. */
int place_mount(struct boot *b, const char *option, const struct place *p, const char *target,
                struct err *e);

#endif
