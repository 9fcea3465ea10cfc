/* occasional: shipped units that only some boots need. Each has a condition, a file
 * or a folder; a unit that nothing asks for is not even read, so its target wants it by a
 * link that is made only where that is there.  */
#ifndef SUPER_OCCASIONAL_H
#define SUPER_OCCASIONAL_H

#include "manager.h"

/* Leaves the files that say what the settings ask for, then the links for all files that
 * are there, slate-boot's among them. Before the units are loaded. What fails is reported. */
void occasional_prepare(struct manager *m);

/* Has TARGET.target want the unit: a link in PATH_UNITS. 0, or -1 with *e. */
int occasional_want(const char *target, const char *unit, struct err *e);

#endif
