/* rundir: the end of RuntimeDirectory= and of what PrivateTmp= made: gone with the service
 * that had them. */
#ifndef SUPER_RUNDIR_H
#define SUPER_RUNDIR_H

#include "live.h"

/* Must a directory be removed now, at the end of a run? RuntimeDirectoryPreserve=
 * may keep it, over a restart or for good. */
bool rundir_is_due(const struct live *v);

/* Removes them in a child. Its process id, or 0: none could be made. */
pid_t rundir_remove(struct live *v);

#endif
