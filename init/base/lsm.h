/* lsm: which mandatory access control is in force in this kernel.  */
#ifndef BASE_LSM_H
#define BASE_LSM_H

#include <stdbool.h>

#include "err.h"

/* Whether AppArmor was built in and is on. If not, *e says so, and what turns it on. */
bool lsm_has_apparmor(struct err *e);

/* Whether SELinux is on and its file system mounted. If not, *e says so. */
bool lsm_has_selinux(struct err *e);

/* Gives this process the label that SELinux's policy has for an init, where it has one
 * and lets it. 0, or -1 with *e. */
int lsm_become_init(struct err *e);

#endif
