/* sharedroot: a medium that a server shares, by NFS or NBD.
 *
 * root=nfs:HOST:/PATH is mounted like the file system of a stick: where it holds
 * slate/root.squashfs, that is the root, else the share itself is; a save writes to it
 * where the server lets it. root=nbd:HOST[:PORT]:EXPORT becomes the device nbd0 (nbd.h),
 * which holds a file system or an image. Reads of both wait for a server that is away; of
 * NBD from the switch to the new root on (nbdkeeper.h), and before it they fail.  */
#ifndef BOOT_SHAREDROOT_H
#define BOOT_SHAREDROOT_H

#include "boot.h"

struct share {
	char host[128];
	char port[8];    /* "": the usual one */
	char name[256];  /* "/PATH", or the export */
};

/* From what is behind "nfs:" or "nbd:" of root=. 0, or -1 with *e. */
int sharedroot_parse(enum root_kind kind, const char *text, struct share *out, struct err *e);

/* Mounts the share on PATH_MEDIUM, read-only, as b->medium. Waits for an address and for
 * the server as long as it takes, and says why; a key on the console ends it. 0, or -1
 * with *e. */
int sharedroot_mount(struct boot *b, struct err *e);

/* Connects to the export: /dev/nbd0 is there then. Waits likewise. 0, or -1 with *e. */
int sharedroot_connect(struct boot *b, struct err *e);

#endif
