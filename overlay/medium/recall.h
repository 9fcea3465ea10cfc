/* recall: the medium that was let go once the root was in memory, mounted again.
 *
 * For as long as the command runs that needs it, in a mount namespace of its own:
 * whatever becomes of the command, the medium is not mounted any more when it has
 * ended, and may be pulled out again.  */
#ifndef MEDIUM_RECALL_H
#define MEDIUM_RECALL_H

#include "../../init/base/err.h"

/* Mounts it on `point`, read-only, if it was let go. It is known by its UUID and
 * type, whatever its device is called now. 1: it is mounted; 0: none was let go;
 * -1 with *e: it is not there, or can't be mounted. */
int recall_medium(const char *point, struct err *e);

#endif
