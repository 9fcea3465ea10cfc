/* mainpid: which process of a service is its main one, where it is not the one
 * that PID 1 started: PIDFile=, MAINPID=, or a guess.  */
#ifndef SUPER_MAINPID_H
#define SUPER_MAINPID_H

#include "live.h"

/* The first process of Type=forking has ended well. True: the main process is
 * known, or the unit goes without one; false: PIDFile= is not there yet and is
 * watched for. */
bool mainpid_find(struct live *v);

/* Takes `pid` as the main process if it belongs to the unit. `trusted`: root
 * says so, and it may be anywhere. False: it does not, or does not run. */
bool mainpid_set(struct live *v, pid_t pid, bool trusted);

/* Forgets a main process that is not our own child. */
void mainpid_drop(struct live *v);

#endif
