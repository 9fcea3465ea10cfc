/* lease: the address that this machine has on a network, and what came with it.
 *
 * Made from ip= or from what a DHCP server said: the lines "key=value" that the
 * script hooks/lease writes for BusyBox's udhcpc, with the names that udhcpc gives
 * its script. The values are foreign: what is no address or no name is dropped,
 * and a lease without a usable address is refused. Addresses are in network byte
 * order, 0 where there is none.  */
#ifndef BOOT_LEASE_H
#define BOOT_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/span.h"
#include "ipspec.h"

#define LEASE_TEXT_MAX 4096 /* bytes of the script's lines */

struct lease {
	char device[IPSPEC_DEVICE_MAX];
	bool dhcp;
	uint32_t address, netmask, gateway, server;
	uint32_t dns[IPSPEC_DNS_MAX];
	char domain[128];
	char hostname[65];
	uint64_t seconds; /* that it is lent for; 0: for ever */
};

/* 0, or -1 with *e. lease->device stays "". */
int lease_decode(struct span text, struct lease *out, struct err *e);

void lease_from_spec(const struct ipspec *spec, const char *device, struct lease *out);

/* The contents of resolv.conf(5), terminated; "" without a name server. */
#define LEASE_RESOLV_MARK "# from the network that this machine was started over (slate-boot)\n"
void lease_resolv_conf(const struct lease *l, char *text, size_t size);

/* key=value lines for the running system: DEVICE, METHOD, ADDRESS, NETMASK, GATEWAY,
 * DNS, DOMAIN, HOSTNAME, SECONDS. */
void lease_write(const struct lease *l, char *text, size_t size);

#endif
