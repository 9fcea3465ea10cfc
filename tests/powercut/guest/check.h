/* check: restores from every state of a deck, and saves to it once more.
 *
 * One line a state on standard output:
 *
 *     @NUMBER FIRST FURTHER NOTE
 *
 * FIRST: what a boot restores: a generation, 0 for nothing, "torn", or "unmountable".
 * FURTHER: what became of one more save of CHECK_GENERATION to that medium: "ok",
 * "unmountable", "unwritable" (it failed and said so), or "lost" (it said that it
 * was done, and the next boot does not have it), "overwritten" (it is there, until
 * other files fill the medium: a generation stands on space that counts as free).
 * NOTE: why, for people.  */
#ifndef GUEST_CHECK_H
#define GUEST_CHECK_H

#include "../../../init/base/err.h"

enum { CHECK_GENERATION = 1000 };

int check_deck(const char *device, struct err *e);

#endif
