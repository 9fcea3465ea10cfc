/* seed: carries randomness from one boot to the next, by SeedRNG's rule.
 *
 * The seed that a boot finds is mixed into the kernel's generator without credit; then
 * a new one is made of it and of what the generator gives, and stored. Only when that
 * is on the medium is the old one credited, since it can never be found again.  */
#ifndef IDENTITY_SEED_H
#define IDENTITY_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "statefile.h"

/* Mixes the seed of *old in, without credit. 0, or -1 with *e. */
int seed_mix(const struct statefile *old, struct err *e);

/* Puts a seed for the next boot into *s, made of the old one, of `fresh` and of both
 * clocks; `ready`: `fresh` came from a generator that was ready. Pure but for the
 * clocks, whose times are given: seconds since 1970, milliseconds since the boot. */
void seed_next(struct statefile *s, const uint8_t fresh[STATEFILE_SEED], bool ready, int64_t time,
               uint64_t boot_ms);

/* The same with what the kernel gives now. */
void seed_renew(struct statefile *s);

/* Credits the seed of *old, which no medium holds any more. Wipes it. 0, or -1 with *e. */
int seed_credit(struct statefile *old, struct err *e);

/* Whether the generator was ready within `limit_s` seconds. Uses SIGALRM. */
bool seed_wait_ready(unsigned limit_s);

#endif
