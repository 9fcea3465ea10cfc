/* findiso: the medium is an ISO file that lies on another file system, the carrier.
 *
 * GRUB's loopback and sticks with many ISO files start it so. Which device carries
 * it nobody says: each that may hold a medium is mounted in turn, read-only and as
 * it is (a journal is not replayed, for it may be a sleeping machine's disk), until
 * one has a file of that path.  */
#ifndef BOOT_FINDISO_H
#define BOOT_FINDISO_H

#include "boot.h"

#define PATH_CARRIER "/run/slate/carrier" /* stays mounted below the medium */

/* Does the device, which was probed, hold the file `findiso=`? Then it is mounted
 * on PATH_CARRIER. A device that was looked at once is not again. */
bool findiso_holds(struct boot *b, struct device *d);

/* Attaches the file on PATH_CARRIER to a loop device and makes that the medium:
 * b->medium.device and .found. Returns a descriptor, owned by the caller, that
 * holds the loop device until it is mounted; -1 with *e. */
int findiso_attach(struct boot *b, struct err *e);

#endif
