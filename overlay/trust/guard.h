/* guard: keeps the memory of a process that holds a secret to itself.  */
#ifndef TRUST_GUARD_H
#define TRUST_GUARD_H

#include "../../init/base/err.h"

/* Before a secret is read: no page of this process, now or later, goes to swap or into
 * a core file. A fork has to call it again. 0, or -1 with *e. */
int guard_memory(struct err *e);

#endif
