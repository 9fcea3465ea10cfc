/* memory: what earlier boots left on the medium for this one (statefile.h).
 *
 * Read once, in a child, before any image is looked at: the versions that have run
 * here, below which no signed image is mounted, and a time that was.  */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "../../overlay/trust/rootmanifest.h"
#include "boot.h"

/* Fills b->remembered from the mounted medium. What can't be read is told: then
 * nothing is remembered. */
void memory_read(struct boot *b);

/* May the verified image that `m` describes run? 0, or -1 with *e: a newer one has,
 * and slate.downgrade= does not allow this. Told where it does. */
int memory_check(const struct boot *b, const struct rootmanifest *m, struct err *e);

/* Leaves the versions of the images that are mounted for the running system. */
void memory_note(const struct boot *b);

/* Sets the clock to `floor` (seconds since 1970) where it is earlier. One that is more
 * than CLOCK_TRUST_S after this program was built is no time that was: it is told and
 * not taken. `what` had it, for the message. */
void memory_clock(const struct boot *b, int64_t floor, const char *what);

/* The same without the clock: what it is to be set to, or 0 to leave it. Pure. */
int64_t memory_clock_wanted(int64_t now, int64_t floor, int64_t built);

/* When this program was built, seconds since 1970; 0 where the build did not say. */
int64_t memory_built(void);

#endif
