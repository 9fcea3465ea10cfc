/* netroot: a medium in memory, filled over the network.
 *
 * root=URL names an image on a server; its folder there stands for slate/ on a
 * medium: slate.conf, the image's manifest and signature, and what slate.image=
 * names are fetched from beside it. What is fetched lies in a tmpfs on PATH_MEDIUM,
 * read-only afterwards, and the boot goes on as from any medium. An image with a
 * manifest is checked block by block while it arrives; its signature is checked
 * like any other, before it is mounted.  */
#ifndef BOOT_NETROOT_H
#define BOOT_NETROOT_H

#include "boot.h"

/* Until it is there: waits for an address and for the server as long as it takes. A
 * key on the console ends a wait. 0, or -1 with *e. */
int netroot_fetch(struct boot *b, struct err *e);

/* Is root= a URL? */
bool netroot_is_wanted(const struct boot *b);

#endif
