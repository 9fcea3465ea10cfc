/* watches: the inotify descriptor behind control groups that become empty and
 * PIDFile= that appears.  */
#ifndef SUPER_WATCHES_H
#define SUPER_WATCHES_H

#include "../base/err.h"

struct manager;

int watches_open(struct manager *m, struct err *e);

#endif
