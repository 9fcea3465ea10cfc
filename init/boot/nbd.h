/* nbd: a block device whose blocks a server has.
 *
 * The handshake is the fixed newstyle one of NBD's doc/proto.md, by NBD_OPT_EXPORT_NAME,
 * which every server has; the kernel gets the connection by netlink (linux/nbd-netlink.h)
 * and keeps it, so that no process has to stay.  */
#ifndef BOOT_NBD_H
#define BOOT_NBD_H

#include <stddef.h>
#include <stdint.h>

#include "../base/err.h"

#define NBD_GREETING 18 /* bytes that the server begins with */
#define NBD_EXPORT   10 /* bytes about the export, behind its name */

struct nbd_export {
	uint64_t size;  /* bytes */
	uint16_t flags; /* NBD_FLAG_… of linux/nbd.h */
};

/* Is that the greeting of a server that this client can speak to? 0, or -1 with *e. Pure. */
int nbd_greeting(const uint8_t bytes[static NBD_GREETING], struct err *e);

/* Reads what a server says of an export. 0, or -1 with *e: of no size. Pure. */
int nbd_export(const uint8_t bytes[static NBD_EXPORT], struct nbd_export *out, struct err *e);

/* Connects to `name` at the IPv4 `address` and port, and gives it to the kernel as the
 * device /dev/nbd0, of which the driver is there. What the server says is read in this
 * process. 0, or -1 with *e. */
int nbd_connect(const char *address, const char *port, const char *name, struct err *e);

#endif
