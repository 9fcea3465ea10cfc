/* card: the network cards of this machine, as the kernel names and shows them.
 *
 * A card is an Ethernet-like interface. Setting one up takes the kernel's old
 * ioctls (netdevice(7)), which need no library; changes of carrier come as messages
 * on a netlink socket (rtnetlink(7)) that are only a reason to look again.  */
#ifndef BOOT_CARD_H
#define BOOT_CARD_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"
#include "lease.h"

#define CARDS_MAX 16

struct card {
	char name[IPSPEC_DEVICE_MAX];
	char mac[24]; /* "52-54-00-12-34-56" */
	bool carrier; /* a cable is in and something is at its other end */
};

/* Fills `cards` with those that are there, in the kernel's order. Returns how many. */
size_t cards_read(struct card cards[CARDS_MAX]);

/* Is the card the one of BOOTIF=, "01-52-54-…", as PXELINUX and iPXE write it? */
bool card_is_bootif(const struct card *c, const char *bootif);

/* Switches a card on, so that it looks for a carrier. 0, or -1 with *e. */
int card_up(const char *name, struct err *e);

/* Gives the card l->device its address, netmask and default route. 0, or -1 with *e. */
int card_configure(const struct lease *l, struct err *e);

/* A socket that becomes readable when a card comes, goes, or its carrier changes.
 * The caller's to close. -1 with *e. */
int cards_watch(struct err *e);

/* Forgets the messages that wait on that socket. */
void cards_drain(int watch);

#endif
