/* signer: signs the generations that this machine saves, and checks signatures.
 *
 * What is signed is the digest of a slot (slot.h), which covers its sequence number,
 * length, time and contents, so that none of them can be exchanged. The signature is
 * Ed25519 by libsodium over the 12 bytes "slate slot 1" and the digest. The key pair
 * is derived (crypto_kdf) from the device's secret, 32 bytes that the boot took from
 * the file of slate.key= and left in memory that is never swapped.
 *
 * Whoever holds the secret can sign: root on the machine, and whoever gets at the
 * device that the file is on. Whoever has only the medium can't.  */
#ifndef SLOT_SIGNER_H
#define SLOT_SIGNER_H

#include <stddef.h>
#include <stdint.h>
#include <sodium.h>

#include "../../init/base/err.h"
#include "../trust/minisign.h"
#include "slot.h"

#define SIGNER_SECRET   "device"     /* name of the file in PATH_KEYS, SIGNER_BYTES long */
#define SIGNER_PUBLIC   "device.pub" /* and of its public key, as minisign writes one */
#define SIGNER_BYTES    32
#define SIGNER_FILE_MIN 32 /* bytes of the file of slate.key= */
#define SIGNER_FILE_MAX 8192

struct signer {
	uint8_t secret[crypto_sign_SECRETKEYBYTES];
	struct minisign_key key; /* the public half */
};

/* Reads the file of slate.key=: any bytes, of which the device's secret is the hash.
 * 0, or -1 with *e: shorter or longer than a key file is. */
int signer_read_file(int fd, uint8_t secret[SIGNER_BYTES], struct err *e);

void signer_derive(struct signer *s, const uint8_t secret[SIGNER_BYTES]);

/* The machine's own, from the folder `keys`, after taking all of this process' memory
 * out of reach of swap and core dumps. 1; 0: it has none; -1 with *e. */
int signer_load(struct signer *s, const char *keys, struct err *e);

/* Signs record->digest. */
void signer_sign(const struct signer *s, struct slot_record *record);

/* Is `record` signed by one of the `n` keys? Its digest must have been compared with
 * the slot's bytes. 0, or -1 with *e: not signed, by another key, of something else. */
int signer_check(const struct slot_record *record, const struct minisign_key *keys, size_t n,
                 struct err *e);

void signer_wipe(struct signer *s);

#endif
