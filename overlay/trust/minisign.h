/* minisign: public keys and signatures in minisign's format, and checking them.
 *
 * A key file is a comment line and a line of base64; a signature file is four
 * lines: a comment, the signature, the trusted comment, and a second signature
 * over the first and the trusted comment. Both kinds are read: "Ed", over the
 * message itself, and "ED", over its BLAKE2b-512. The text is hostile.  */
#ifndef TRUST_MINISIGN_H
#define TRUST_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../../init/base/span.h"

#define MINISIGN_ID        8
#define MINISIGN_PUBLIC    32
#define MINISIGN_SIGNATURE 64
#define MINISIGN_HASH      64   /* BLAKE2b-512 of a message */
#define MINISIGN_COMMENT   1024 /* bytes of a trusted comment at most */
#define MINISIGN_FILE_MAX  4096 /* bytes of a key or signature file at most */

struct minisign_key {
	uint8_t id[MINISIGN_ID];
	uint8_t bytes[MINISIGN_PUBLIC];
};

struct minisign_signature {
	bool prehashed;
	uint8_t id[MINISIGN_ID]; /* of the key that made it */
	uint8_t bytes[MINISIGN_SIGNATURE];
	char comment[MINISIGN_COMMENT + 1]; /* not to be trusted before minisign_check */
	size_t comment_len;
	uint8_t global[MINISIGN_SIGNATURE];
};

/* Reads a key file; the comment line may be left out. 0, or -1 with *e. */
int minisign_key_decode(struct span text, struct minisign_key *out, struct err *e);

/* Reads a signature file. 0, or -1 with *e. */
int minisign_signature_decode(struct span text, struct minisign_signature *out, struct err *e);

/* Is `s` the signature of `message` by one of the `n` keys? 0, or -1 with *e:
 * by another key, of other bytes, or its comment is not the signed one. */
int minisign_check(const struct minisign_signature *s, const struct minisign_key *keys, size_t n,
                   struct span message, struct err *e);

/* The same, of a message of which only the hash is at hand. *e also: the signature is
 * of the older kind, which is not over the hash. */
int minisign_check_hash(const struct minisign_signature *s, const struct minisign_key *keys,
                        size_t n, const uint8_t hash[MINISIGN_HASH], struct err *e);

#define MINISIGN_KEY_TEXT 128
/* A key file's text, terminated. */
void minisign_key_encode(const struct minisign_key *key, char text[MINISIGN_KEY_TEXT]);

#define MINISIGN_ID_TEXT 17
/* A key's number as minisign shows it: "B4D3B85C440FA082". */
void minisign_id(const uint8_t id[MINISIGN_ID], char text[MINISIGN_ID_TEXT]);

#endif
