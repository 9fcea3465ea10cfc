/* ipspec: what `ip=` asks for, in the kernel's syntax (Documentation/admin-guide/nfs/nfsroot.rst).
 *
 *     ip=dhcp | on | any | none | off
 *     ip=CLIENT:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS:DNS
 *     ip=DEVICE:dhcp
 *
 * IPv4 only. Addresses are in network byte order; 0 where none is given.  */
#ifndef BOOT_IPSPEC_H
#define BOOT_IPSPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"
#include "../base/span.h"

#define IPSPEC_DNS_MAX 3
#define IPSPEC_DEVICE_MAX 16 /* IFNAMSIZ */

enum ip_method {
	IP_UNSET,  /* nothing was said: DHCP where something needs the network */
	IP_DHCP,
	IP_STATIC,
	IP_NONE,   /* leave the network alone */
};

struct ipspec {
	enum ip_method method;
	uint32_t address, netmask, gateway, server;
	uint32_t dns[IPSPEC_DNS_MAX];
	char hostname[65];
	char device[IPSPEC_DEVICE_MAX]; /* "": any */
};

/* "" is IP_UNSET. 0, or -1 with *e. */
int ipspec_parse(struct span text, struct ipspec *out, struct err *e);

/* "10.0.2.15" to network byte order; false when it is anything else. */
bool ip_parse(struct span text, uint32_t *out);

/* The mask of a prefix's length, and the one that an address of old had by its class. */
uint32_t ip_mask(unsigned bits);
uint32_t ip_class_mask(uint32_t address);

#endif
