/* consoles: where people can log in: a getty@TTY.service for each console that
 * the kernel has been given.  */
#ifndef SUPER_CONSOLES_H
#define SUPER_CONSOLES_H

#include <stddef.h>

#include "../base/span.h"
#include "../unit/unit.h"

/* Of the text of /sys/class/tty/console/active ("tty0 ttyS0"): names of units,
 * tty0 as tty1, at most `max`. Returns how many. */
unsigned consoles_units(struct span active, char (*names)[UNIT_NAME_SIZE], unsigned max);

#endif
