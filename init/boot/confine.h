/* confine: loads the AppArmor policy that `slate image build --apparmor` compiled.
 *
 * It lies in the initramfs (PATH_APPARMOR), a file a profile, and is in force before
 * the new root runs its first program: profiles that name a program confine it from
 * its start, AppArmorProfile= finds the others. Nothing of the root is parsed.  */
#ifndef BOOT_CONFINE_H
#define BOOT_CONFINE_H

#include "boot.h"

/* The stage. -1 with *e: no AppArmor in this kernel, or a profile that it refused; the
 * others are loaded all the same. */
int confine_run(struct boot *b, struct err *e);

#endif
