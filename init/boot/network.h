/* network: an address for this machine, while it still has no root.
 *
 * All cards are switched on; on each that has a carrier a DHCP client asks at once,
 * and the first answer counts. With ip= of an address no one is asked. Events drive
 * it: drivers as their devices appear, carriers as they come, answers. What came of
 * it is kept for the running system: the card stays as it is, PATH_LEASE says what
 * it got, and resolv.conf has its name servers.  */
#ifndef BOOT_NETWORK_H
#define BOOT_NETWORK_H

#include "boot.h"

/* Does a setting ask for the network, or need it? */
bool network_is_asked(const struct settings *s);

/* Gets an address, once; 0 at once where there is one. `deadline_ms`: 0 for ever.
 * A key on the console ends the wait. 0, or -1 with *e, which says how far each
 * card came. */
int network_up(struct boot *b, uint64_t deadline_ms, struct err *e);

/* A stage: gets an address where ip= asks for one. */
int network_run(struct boot *b, struct err *e);

/* A card is not needed to find a medium, so its driver may not be there yet: waits until
 * the machine has one, at most `wait_ms`. */
void network_wait_card(struct boot *b, uint64_t wait_ms);

/* Gives the new root at `sysroot` the name servers, unless it has its own. */
int network_hand_over(struct boot *b, int sysroot, struct err *e);

#endif
