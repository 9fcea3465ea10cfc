/* nbdlink: the kernel's side of /dev/nbd0, told and heard by generic netlink
 * (linux/nbd-netlink.h).
 *
 * The kernel keeps the connection, so that no process has to stay for as long as it lives.
 * When it dies, whoever listens is told, and can give the kernel another.  */
#ifndef BOOT_NBDLINK_H
#define BOOT_NBDLINK_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"
#include "../base/span.h"
#include "nbd.h"

#define NBDLINK_INDEX 0u /* of nbd0 */

/* Makes the device of a connection that has shaken hands; its driver is there. 0, or -1
 * with *e. */
int nbdlink_connect(int connection, const struct nbd_export *x, struct err *e);

/* From here on a request that is not answered within `request_s` seconds is sent anew,
 * and without a connection all wait for the next one, for `dead_s` seconds. 0, or -1
 * with *e. */
int nbdlink_be_patient(unsigned request_s, unsigned dead_s, struct err *e);

/* Gives the kernel a connection for the dead one; where none is dead, it takes none, and
 * does not say so. 0, or -1 with *e. */
int nbdlink_replace(int connection, struct err *e);

/* Does a message of the kernel say that a connection of nbd0 has died? Pure. */
bool nbdlink_is_dead(const void *message, size_t len);

/* A descriptor for nbdlink_wait_dead that the caller owns, or -1 with *e. */
int nbdlink_listen(struct err *e);

/* Waits until a connection may have died. 0, or -1 with *e. */
int nbdlink_wait_dead(int fd, struct err *e);

#endif
