#include "signer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../trust/guard.h"

enum { SUBKEY_SIGN = 1 };

#define SUBKEY_CONTEXT "slatekey"
#define SIGNED_PREFIX  "slate slot 1"

_Static_assert(SIGNER_BYTES == crypto_kdf_KEYBYTES, "the secret is a key to derive from");
_Static_assert(sizeof SUBKEY_CONTEXT - 1 == crypto_kdf_CONTEXTBYTES, "libsodium wants 8");

int signer_read_file(int fd, uint8_t secret[SIGNER_BYTES], struct err *e)
{
	uint8_t bytes[SIGNER_FILE_MAX + 1];
	ssize_t len = fd_read_full(fd, bytes, sizeof bytes);
	int result = 0;

	if (len < 0)
		result = err_sys(e, "read");
	else if (len < SIGNER_FILE_MIN || len > SIGNER_FILE_MAX)
		result = err_say(e, "a key file has %d to %d bytes, this one has %s%zd",
		                 SIGNER_FILE_MIN, SIGNER_FILE_MAX,
		                 len > SIGNER_FILE_MAX ? "at least " : "", len);
	else
		crypto_generichash(secret, SIGNER_BYTES, bytes, (size_t)len, NULL, 0);
	sodium_memzero(bytes, sizeof bytes);
	return result;
}

void signer_derive(struct signer *s, const uint8_t secret[SIGNER_BYTES])
{
	uint8_t seed[crypto_sign_SEEDBYTES];

	crypto_kdf_derive_from_key(seed, sizeof seed, SUBKEY_SIGN, SUBKEY_CONTEXT, secret);
	crypto_sign_seed_keypair(s->key.bytes, s->secret, seed);
	crypto_generichash(seed, sizeof seed, s->key.bytes, sizeof s->key.bytes, NULL, 0);
	memcpy(s->key.id, seed, sizeof s->key.id);
	sodium_memzero(seed, sizeof seed);
}

int signer_load(struct signer *s, const char *keys, struct err *e)
{
	uint8_t secret[SIGNER_BYTES];
	char path[300];

	snprintf(path, sizeof path, "%s/" SIGNER_SECRET, keys);

	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (guard_memory(e) < 0)
		return -1;

	ssize_t len = fd_read_full(fd, secret, sizeof secret);

	if (len == sizeof secret)
		signer_derive(s, secret);
	sodium_memzero(secret, sizeof secret);
	return len == sizeof secret ? 1 : err_say(e, "%s: cut short", path);
}

static size_t message_of(const struct slot_record *record,
                         uint8_t message[sizeof SIGNED_PREFIX - 1 + SLOT_DIGEST])
{
	memcpy(message, SIGNED_PREFIX, sizeof SIGNED_PREFIX - 1);
	memcpy(message + sizeof SIGNED_PREFIX - 1, record->digest, SLOT_DIGEST);
	return sizeof SIGNED_PREFIX - 1 + SLOT_DIGEST;
}

void signer_sign(const struct signer *s, struct slot_record *record)
{
	uint8_t message[sizeof SIGNED_PREFIX - 1 + SLOT_DIGEST];
	size_t len = message_of(record, message);

	crypto_sign_detached(record->signature, NULL, message, len, s->secret);
	memcpy(record->signer, s->key.id, sizeof record->signer);
	record->is_signed = true;
}

int signer_check(const struct slot_record *record, const struct minisign_key *keys, size_t n,
                 struct err *e)
{
	uint8_t message[sizeof SIGNED_PREFIX - 1 + SLOT_DIGEST];
	size_t len = message_of(record, message);
	char id[MINISIGN_ID_TEXT];
	bool known = false;

	if (!record->is_signed)
		return err_say(e, "not signed");
	for (size_t i = 0; i < n; i++) {
		if (memcmp(keys[i].id, record->signer, sizeof record->signer) != 0)
			continue;
		known = true;
		if (crypto_sign_verify_detached(record->signature, message, len, keys[i].bytes) ==
		    0)
			return 0;
	}
	minisign_id(record->signer, id);
	return known ? err_say(e, "its signature is of something else (key %s)", id)
	             : err_say(e, "signed by the key %s, which is not trusted here", id);
}

void signer_wipe(struct signer *s)
{
	sodium_memzero(s, sizeof *s);
}
