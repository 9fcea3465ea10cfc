/* callfilter: what a unit may ask of the kernel, as a program for seccomp(2).
 *
 * One program for all the directives: a search tree over the numbers of the calls,
 * with the tests of arguments at its leaves. A call that no argument decides about
 * costs nothing while the service runs, as the kernel remembers the answer. Pure.  */
#ifndef EXEC_CALLFILTER_H
#define EXEC_CALLFILTER_H

#include "../base/seccomp.h"
#include "../unit/sandbox.h"

enum { CALLFILTER_ROOM = 2048 };

/* Writes it into `p`, which has room for CALLFILTER_ROOM pieces; none is written when
 * nothing is asked for. `personality`: the one that LockPersonality= keeps. False: there
 * is no room, or no filter for this machine. */
bool callfilter_make(struct seccomp *p, const struct sandbox *box, uint32_t personality);

#endif
