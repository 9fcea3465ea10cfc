/* harden: what slate.harden= wants of the mounts of the whole machine.
 *
 * Done before the first unit is started, in a child of process 1: a service that may
 * change everybody's mounts could not be kept from anything else.  */
#ifndef SUPER_HARDEN_H
#define SUPER_HARDEN_H

#include "../base/report.h"
#include "../base/settings.h"

/* Adds the options, and mounts what the units that set the rest need. What can't be done is
 * told to `report` and in PATH_DEGRADED. */
void harden_mounts(const struct report *report, enum setting_harden profile);

#endif
