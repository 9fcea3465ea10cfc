/* devices: which block devices are there, and the drivers that bring more.
 *
 * One turn of the search: take what the kernel has said, else load the most
 * promising module, else wait for the next message until the deadline.  */
#ifndef BOOT_DEVICES_H
#define BOOT_DEVICES_H

#include "boot.h"

enum devices_turn {
	DEVICES_NEWS, /* something was learnt or loaded: look again */
	DEVICES_IDLE, /* every message is read and every useful module loaded */
};

/* Opens the module index and the kernel's events, and reads what is there
 * already. 0, or -1 with *e (what was there already counts all the same). */
int devices_start(struct boot *b, struct err *e);

/* Takes all waiting messages; else loads the modules of one alias of rank
 * `worst` or better. Never waits. Returns an enum devices_turn. */
enum devices_turn devices_turn(struct boot *b, enum alias_rank worst);

/* Notes the block device `name`: new, or to be probed again. */
void devices_note(struct boot *b, const char *name, bool partition);

#endif
