/* nbd: a connection to a server that has the blocks of a device.
 *
 * The handshake is the fixed newstyle one of NBD's doc/proto.md, by NBD_OPT_EXPORT_NAME,
 * which every server has; then the connection is for the kernel (nbdlink.h).  */
#ifndef BOOT_NBD_H
#define BOOT_NBD_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

#define NBD_GREETING 18 /* bytes that the server begins with */
#define NBD_EXPORT   10 /* bytes about the export, behind its name */

#define NBD_BLOCK 512u /* bytes; a file system may have blocks as small as that */

/* Where an export is. */
struct nbd_place {
	char address[INET_ADDRSTRLEN]; /* IPv4 */
	char port[8];
	char name[256];
};

struct nbd_export {
	uint64_t size;  /* bytes */
	uint16_t flags; /* NBD_FLAG_… of linux/nbd.h */
};

/* Is that the greeting of a server that this client can speak to? 0, or -1 with *e. Pure. */
int nbd_greeting(const uint8_t bytes[static NBD_GREETING], struct err *e);

/* Reads what a server says of an export. 0, or -1 with *e: of no size. Pure. */
int nbd_export(const uint8_t bytes[static NBD_EXPORT], struct nbd_export *out, struct err *e);

/* Connects to the export, and shakes hands. What the server says is read in this process.
 * A socket that the caller owns, or -1 with *e. */
int nbd_dial(const struct nbd_place *place, struct nbd_export *out, struct err *e);

#endif
