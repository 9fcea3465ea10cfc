/* opensslin: reads what `openssl enc -aes-256-cbc -salt` wrote, which is how Alpine's lbu
 * encrypts an archive.
 *
 * The file is "Salted__", 8 bytes of salt, then AES-256 in CBC mode with the padding of
 * PKCS #7. Key and first block come of the passphrase and the salt. How does not stand
 * in the file: by one round of SHA-256 since OpenSSL 1.1.0, of MD5 before, or by PBKDF2
 * where -pbkdf2 was given. The right one is told by the gzip header that it brings out.
 *
 * The format authenticates nothing: who can write the file can change bits of what
 * it holds, without the passphrase. gzip's checksum finds accidents, no attacker; a
 * signature beside the file does (vouch.h).  */
#ifndef SLOT_OPENSSLIN_H
#define SLOT_OPENSSLIN_H

#include <mbedtls/aes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../../init/base/err.h"

enum { OPENSSLIN_BLOCK = 16, OPENSSLIN_SALT = 8, OPENSSLIN_HEADER = 16 };

#define OPENSSLIN_SUFFIX ".aes-256-cbc"

/* What a passphrase gives for one file. Whoever gets one wipes it (sodium_memzero). */
struct opensslin_secret {
	uint8_t salt[OPENSSLIN_SALT], key[32], first[OPENSSLIN_BLOCK];
};

/* Whether `fd` begins like such a file; its salt, where `salt` is not NULL. 1 or 0; -1
 * with *e. */
int opensslin_is(int fd, uint8_t salt[OPENSSLIN_SALT], struct err *e);

/* Finds what `passphrase` gives for the file. 0, or -1 with *e: it is another's, or the
 * file's first bytes are damaged, which can't be told apart. */
int opensslin_guess(int fd, const char *passphrase, size_t len, struct opensslin_secret *out,
                    struct err *e);

/* Leaves the secret in the folder `keys` (PATH_KEYS), instead of an earlier one. 0, or -1
 * with *e. */
int opensslin_keep(const char *keys, const struct opensslin_secret *secret, struct err *e);

/* What was left there for the file `fd`: 1; 0: nothing, or another file's; -1 with *e. */
int opensslin_kept(const char *keys, int fd, struct opensslin_secret *out, struct err *e);

/* The same of the first line of the key file (slate.key=), as openssl's -pass file: has it.
 * 1; 0: there is none, or it is another's passphrase; -1 with *e. */
int opensslin_by_key_file(const char *keys, int fd, struct opensslin_secret *out, struct err *e);

/* Leaves that line of the key file `fd` in `keys`, if it has one that could be a
 * passphrase. 0, or -1 with *e. */
int opensslin_keep_line(const char *keys, int fd, struct err *e);

struct opensslin {
	int fd;           /* borrowed */
	uint64_t at, end; /* bytes, in the file */
	mbedtls_aes_context aes;
	uint8_t chain[OPENSSLIN_BLOCK];
	uint8_t in[32768];
};

/* To read the first `length` bytes of `fd`, which is borrowed until opensslin_wipe; that
 * comes after a failure, too. 0, or -1 with *e. */
int opensslin_start(struct opensslin *o, int fd, uint64_t length,
                    const struct opensslin_secret *secret, struct err *e);

/* Reads at most `len` bytes, which are at least 32768; 0 at the end; -1 with *e. */
ssize_t opensslin_read(void *opensslin, void *buf, size_t len, struct err *e);

void opensslin_wipe(struct opensslin *o);

#endif
