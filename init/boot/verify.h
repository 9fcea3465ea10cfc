/* verify: whether an image must be, and is, what a trusted key has signed.
 *
 * The keys are those of the initramfs (TRUST_KEYS). What lies on the medium is
 * read in a child.  */
#ifndef BOOT_VERIFY_H
#define BOOT_VERIFY_H

#include "../../overlay/trust/rootmanifest.h"
#include "boot.h"

/* What slate.verify= comes to: never VERIFY_UNSET. A key asks for "require". */
enum setting_verify verify_mode(const struct boot *b);

/* Before anything of the medium is looked at: 0, or -1 with *e when what is asked
 * for can't be given, for want of a key. */
int verify_possible(const struct boot *b, struct err *e);

/* Checks the open image `file`, named `path` below the medium `dir`. 1: signed,
 * and *out describes it; 0: it need not be; -1 with *e. */
int verify_image(const struct boot *b, int dir, const char *path, int file,
                 struct rootmanifest *out, struct err *e);

/* Puts in force what a damaged block of a verified image does from now on. */
void verify_arm(const struct boot *b);

#endif
