/* restart: is a unit that has ended to be run again, on what is known now? */
#ifndef SUPER_RESTART_H
#define SUPER_RESTART_H

#include "live.h"

bool restart_is_due(const struct live *v);

#endif
