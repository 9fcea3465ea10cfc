/* privatetmp: the directories that PrivateTmp= puts in the place of /tmp and /var/tmp.
 *
 * They lie there, in a folder that only root may enter, under a name that nobody can
 * guess: of the unit and its invocation. All commands of a run share them; a child of
 * the supervisor removes them when the run is over (super/rundir.h).  */
#ifndef EXEC_PRIVATETMP_H
#define EXEC_PRIVATETMP_H

#include "../base/err.h"
#include "../unit/unit.h"
#include "invocation.h"

enum { PRIVATETMP_SIZE = 300 };

extern const char *const privatetmp_bases[2]; /* "/tmp", "/var/tmp" */

/* The folder's name in each of them. */
void privatetmp_name(const struct unit *u, const struct invocation *run,
                     char name[PRIVATETMP_SIZE]);

/* Makes it in `base`, unless it is there, and writes the path of the directory in it
 * into `path`; "" where there is no such base. 0, or -1 with *e. */
int privatetmp_make(const char *base, const char *name, char path[PRIVATETMP_SIZE],
                    struct err *e);

#endif
