/* cryptkey: the keys that slots are encrypted with.
 *
 * One is derived (crypto_kdf) from a secret of 32 bytes: the device's own (signer.h),
 * or Argon2id of a passphrase, whose salt and costs stand in the slot's header. Both
 * secrets lie in the folder `keys`, which is PATH_KEYS: memory that is never swapped.
 * Whoever gets a secret or a key wipes it (sodium_memzero).  */
#ifndef SLOT_CRYPTKEY_H
#define SLOT_CRYPTKEY_H

#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "crypt.h"
#include "slot.h"

#define CRYPT_PASSPHRASE_MAX 1024 /* bytes */

/* A new salt, and costs that a small machine can bear: 64 MiB, twice over. */
void crypt_passphrase_new(struct slot_crypt *c);

/* Argon2id. 0, or -1 with *e: mostly too little memory. */
int crypt_passphrase_secret(const char *passphrase, size_t len, const struct slot_crypt *c,
                            uint8_t secret[32], struct err *e);

/* Leaves the secret of `c` in the folder `keys`, instead of an earlier one. */
int crypt_passphrase_keep(const char *keys, const struct slot_crypt *c, const uint8_t secret[32],
                          struct err *e);

/* What the passphrase in `keys` goes with: 1; 0: there is none; -1 with *e. */
int crypt_passphrase_kept(const char *keys, struct slot_crypt *c, struct err *e);

/* The key of a slot whose header says `c`. 0; -1 with *e: it is not in `keys`. */
int crypt_key(const char *keys, const struct slot_crypt *c, uint8_t key[CRYPT_KEY], struct err *e);

/* The key that a secret gives. */
void crypt_key_of(const uint8_t secret[32], uint8_t key[CRYPT_KEY]);

#endif
