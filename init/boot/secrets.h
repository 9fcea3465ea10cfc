/* secrets: whom saved configuration is trusted from, and the device's own secret.
 *
 * The operator's public keys come from TRUST_KEYS of the initramfs and of the root
 * image. The file of slate.key=DEVICE:PATH is read once, from a device that is waited
 * for as the medium is, mounted read-only and only while it is read; it may be pulled
 * out afterwards. All of it is left for the running system in PATH_KEYS, a ramfs: its
 * pages are never swapped. The secret's file there is root's alone.  */
#ifndef BOOT_SECRETS_H
#define BOOT_SECRETS_H

#include "../../overlay/slot/vouch.h"
#include "boot.h"

/* Fills PATH_KEYS and *vouch. What can't be had is told and missing there: then less
 * is trusted, never more. */
void secrets_open(struct boot *b, struct vouch *vouch);

/* Cuts "DEVICE:PATH" at the colon that a path follows. 0, or -1 with *e. */
int secrets_split(const char *setting, struct span *device, struct span *path, struct err *e);

#endif
