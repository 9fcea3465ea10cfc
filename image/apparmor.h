/* apparmor: compiles a root's AppArmor profiles, for slate-boot to load.
 *
 * apparmor_parser(8) of this machine does it, with the root's own abstractions and
 * tunables, and for the features that the root's package is made for: what kernel this
 * machine runs does not matter.  */
#ifndef IMAGE_APPARMOR_H
#define IMAGE_APPARMOR_H

#include "../init/base/err.h"

/* Compiles the files of ROOT/etc/apparmor.d, but for those in its disable/, into the
 * folder `out`, which is made: a file each, of the same name. None at all is an error.
 * 0, or -1 with *e, which names the profile. */
int apparmor_compile(const char *root, const char *out, struct err *e);

#endif
