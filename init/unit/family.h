/* family: address families of sockets by name. address_families(7).  */
#ifndef UNIT_FAMILY_H
#define UNIT_FAMILY_H

#include "../base/span.h"

/* The number of "AF_…"; -1: there is none of that name. */
int family_find(struct span name);

#endif
