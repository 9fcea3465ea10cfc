/* aliases: the modaliases of devices that still have no driver, best first.
 *
 * Loading modules is most of a boot's time, so what may lead to the medium is
 * loaded first, and what is left when the medium is there is not loaded at all
 * (the running system does that, in the background).  */
#ifndef BOOT_ALIASES_H
#define BOOT_ALIASES_H

#include <stdbool.h>
#include <stddef.h>

#include "uevent.h"

#define ALIASES_MAX 512

enum alias_rank {
	RANK_WATCHDOG, /* what may restart the machine if the boot hangs, or has it behind it */
	RANK_FAST,    /* disks that are seldom there without being the medium */
	RANK_STORAGE, /* other disks and their controllers */
	RANK_SLOW,    /* controllers that are there even when nothing is behind them */
	RANK_BUS,     /* may have storage behind it: USB, SD, virtual busses */
	RANK_OTHER,   /* keyboards, network: loaded while nothing better is left */
	RANK_NETWORK, /* only when asked for */
};

struct aliases {
	size_t n;       /* rows used, also of those taken: each is loaded once */
	size_t dropped; /* that found no room */
	struct {
		bool taken;
		unsigned char rank;
		char text[MODALIAS_MAX];
	} rows[ALIASES_MAX];
};

enum alias_rank alias_rank(const char *alias);

/* Adds what was not seen before. */
void aliases_add(struct aliases *a, const char *alias);

/* The best one left, of rank `worst` or better, as text that stays valid; NULL: none. */
const char *aliases_take(struct aliases *a, enum alias_rank worst);

#endif
