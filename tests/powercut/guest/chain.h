/* chain: one round of boot, look, save for several media, /dev/vda and on.
 *
 * One line a medium on standard output: "@NUMBER FOUND SAVED NOTE"; FOUND as check.h's
 * FIRST, SAVED "ok" or "refused".  */
#ifndef POWERCUT_CHAIN_H
#define POWERCUT_CHAIN_H

#include "../../../init/base/err.h"

/* `step` is one of record.h. 0, or -1 with *e. */
int chain_round(const char *sequence, const char *fstype, const char *step, int media,
                struct err *e);

#endif
