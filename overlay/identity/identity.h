/* identity: what tells a machine from its twins: made once, or derived each time.
 *
 * machine-id, host name, the DUID of DHCP and the host key of SSH. Nothing of it is in
 * an image. Made from random bytes where it is missing, to be saved at once; or derived
 * from what the hardware says of itself and from a secret of the site, so that the same
 * machine gets the same one at each boot with nothing saved. The DUID is of type 4
 * (RFC 6355), for dhcpcd and whoever reads etc/slate/duid.  */
#ifndef IDENTITY_IDENTITY_H
#define IDENTITY_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"

#define IDENTITY_SECRET "etc/slate/site.secret" /* relative to the root */

enum { IDENTITY_SECRET_MIN = 16, IDENTITY_SECRET_MAX = 4096 }; /* bytes */

struct identity_maker {
	bool derive;       /* from `key` and `hardware`, and what is there is replaced */
	uint8_t key[32];   /* the site's secret, hashed */
	char hardware[256]; /* "UUID SERIAL", of DMI */
};

/* Reads the secret below `root` and the hardware's numbers below `dmi`
 * (/sys/class/dmi/id). 0, or -1 with *e: no secret, one that others may read or that is
 * too short, or hardware that names itself as others do. */
int identity_derive_from(struct identity_maker *m, int root, const char *dmi, struct err *e);

/* Whether a UUID of DMI can tell machines apart: not one that vendors leave in. Pure. */
bool identity_uuid_is_real(const char *uuid);

/* `len` bytes (at most 64) for one purpose. 0, or -1 with *e. */
int identity_bytes(const struct identity_maker *m, const char *purpose, void *out, size_t len,
                   struct err *e);

#define IDENTITY_MADE 200
/* Makes what is missing below `root`; with m->derive, what differs too. Returns how many
 * things of it were made, with their names in `made` ("machine-id, host key"), or -1
 * with *e: those named were made nevertheless. */
int identity_ensure(int root, const struct identity_maker *m, char made[IDENTITY_MADE],
                    struct err *e);

#endif
