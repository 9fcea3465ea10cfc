/* callfilter: what a unit may ask of the kernel, as a program for seccomp(2).
 *
 * One program for all the directives: a search tree over the numbers of the calls,
 * with the tests of arguments at its leaves. A call that no argument decides about
 * costs nothing while the service runs, as the kernel remembers the answer. Calls of
 * another machine (i386 on x86-64) end the process, those of x32 are not there: no
 * number of theirs means what the rules say. Pure.  */
#ifndef EXEC_CALLFILTER_H
#define EXEC_CALLFILTER_H

#include <linux/filter.h>

#include "../unit/sandbox.h"

enum { CALLFILTER_ROOM = 2048 };

struct callfilter {
	struct sock_filter code[CALLFILTER_ROOM];
	unsigned n; /* 0: nothing is asked for, and none is needed */
};

/* `personality`: the one that LockPersonality= keeps. False: there is no room, or no
 * filter for this machine. */
bool callfilter_make(struct callfilter *f, const struct sandbox *box, uint32_t personality);

#endif
