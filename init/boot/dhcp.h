/* dhcp: asks for an address on one card, in a child.
 *
 * The child is BusyBox's udhcpc, which asks until somebody answers; the script
 * hooks/lease then writes what was offered into a pipe, for lease_decode. The
 * children of several cards run at once, and the first answer counts.  */
#ifndef BOOT_DHCP_H
#define BOOT_DHCP_H

#include <sys/types.h>

#include "lease.h"

struct dhcp {
	pid_t pid; /* 0: not running */
	int from;  /* the pipe, owned; -1: none */
	size_t used;
	char text[LEASE_TEXT_MAX];
};

#define DHCP_CLOSED ((struct dhcp){ .from = -1 })

/* Starts asking on the card `device`. 0, or -1 with *e. */
int dhcp_start(struct dhcp *d, const char *device, struct err *e);

/* To be called when d->from can be read. 1: *lease is filled in; 0: not yet; -1
 * with *e: the child ended, or what it brought is no lease. */
int dhcp_read(struct dhcp *d, struct lease *lease, struct err *e);

/* Ends the child. */
void dhcp_stop(struct dhcp *d);

#endif
