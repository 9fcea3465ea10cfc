/* conf: the settings of this boot, from all the places that set some.
 *
 * The image's slate.conf < the medium's < the fleet's file (fleet.h) < the command line. As the
 * medium and the image become known late, all are applied anew each time, in that order.  */
#ifndef BOOT_CONF_H
#define BOOT_CONF_H

#include "boot.h"

/* What holds until the settings are read: the defaults, and what a key in this
 * initramfs stands for, of which a stage that fails before has to know. */
void conf_before(struct boot *b);

/* Reads the command line and the initramfs' own slate.conf, which counts as the
 * image's. 0, or -1 with *e (the defaults boot a machine too). */
int conf_start(struct boot *b, struct err *e);

/* Adds the slate.conf of the mounted medium, or of the root `dir`. One that is
 * not there is no error; one that can't be read is told and skipped. */
void conf_add_medium(struct boot *b, int dir);
void conf_add_root(struct boot *b, int dir);

/* Adds what b->fleet says. A line that is refused, or comes too late to have a meaning,
 * is kept in PATH_DEGRADED with its number. */
void conf_add_fleet(struct boot *b);

#endif
