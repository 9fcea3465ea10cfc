/* capability: the kernel's capabilities by name. capabilities(7).  */
#ifndef UNIT_CAPABILITY_H
#define UNIT_CAPABILITY_H

#include "../base/span.h"

/* The number of "CAP_…", in any case, or of digits; -1: there is none of that name. */
int capability_find(struct span name);

#endif
