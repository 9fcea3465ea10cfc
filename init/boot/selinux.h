/* selinux: loads the policy of the root image, before the overlay is made: what its files
 * are called then comes from the policy.
 *
 * For a kernel whose SELinux is on and that has no policy yet, and an image with
 * /etc/selinux/config (selinux_config(5)). Process 1 then goes on as what the policy
 * wants an init to be.  */
#ifndef BOOT_SELINUX_H
#define BOOT_SELINUX_H

#include "boot.h"

/* 0, STAGE_WAS_SKIPPED, or -1 with *e: what then runs is not confined. */
int selinux_run(struct boot *b, struct err *e);

/* From here on the policy is in force, where it is to be. 0, or -1 with *e. */
int selinux_enforce(struct err *e);

#endif
