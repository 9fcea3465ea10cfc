#include "cryptkey.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../trust/guard.h"
#include "signer.h"

enum { SUBKEY_ENCRYPT = 2, PASSES = 2, MEMORY_KIB = 64 * 1024 };

#define SUBKEY_CONTEXT "slatekey"
#define KEPT           "passphrase"

/* The file KEPT: what the secret goes with, and the secret. Written and read by
 * programs of one build on one machine, in memory. */
struct kept {
	struct slot_crypt crypt;
	uint8_t secret[32];
};

_Static_assert(SLOT_SALT == crypto_pwhash_SALTBYTES, "the header has room for a salt");

void crypt_passphrase_new(struct slot_crypt *c)
{
	*c = (struct slot_crypt){ .kind = SLOT_CRYPT_PASSPHRASE,
		                  .passes = PASSES,
		                  .memory_kib = MEMORY_KIB };
	randombytes_buf(c->salt, sizeof c->salt);
}

int crypt_passphrase_secret(const char *passphrase, size_t len, const struct slot_crypt *c,
                            uint8_t secret[32], struct err *e)
{
	if (crypto_pwhash(secret, 32, passphrase, len, c->salt, c->passes,
	                  (size_t)c->memory_kib * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0)
		return 0;
	return err_say(e, "passphrase: %u MiB of memory are needed to check it",
	               c->memory_kib / 1024);
}

void crypt_key_of(const uint8_t secret[32], uint8_t key[CRYPT_KEY])
{
	crypto_kdf_derive_from_key(key, CRYPT_KEY, SUBKEY_ENCRYPT, SUBKEY_CONTEXT, secret);
}

static int open_in(const char *keys, const char *name, int flags)
{
	char path[300];

	snprintf(path, sizeof path, "%s/%s", keys, name);
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

int crypt_passphrase_keep(const char *keys, const struct slot_crypt *c, const uint8_t secret[32],
                          struct err *e)
{
	struct kept kept = { .crypt = *c };
	FD_AUTO fd = open_in(keys, KEPT, O_WRONLY | O_CREAT);
	int result = 0;

	memcpy(kept.secret, secret, sizeof kept.secret);
	if (fd < 0 || fd_write_full(fd, &kept, sizeof kept) < 0)
		result = err_sys(e, "keep the passphrase in %s", keys);
	sodium_memzero(&kept, sizeof kept);
	return result;
}

/* 1, 0: no such file, -1 with *e. */
static int read_in(const char *keys, const char *name, void *out, size_t len, struct err *e)
{
	FD_AUTO fd = open_in(keys, name, O_RDONLY);

	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s/%s", keys, name);
	return fd_read_full(fd, out, len) == (ssize_t)len
	               ? 1
	               : err_say(e, "%s/%s: cut short", keys, name);
}

int crypt_passphrase_kept(const char *keys, struct slot_crypt *c, struct err *e)
{
	struct kept kept;
	int found = read_in(keys, KEPT, &kept, sizeof kept, e);

	if (found > 0)
		*c = kept.crypt;
	sodium_memzero(&kept, sizeof kept);
	return found;
}

static bool is_same(const struct slot_crypt *a, const struct slot_crypt *b)
{
	return a->passes == b->passes && a->memory_kib == b->memory_kib &&
	       memcmp(a->salt, b->salt, sizeof a->salt) == 0;
}

int crypt_key(const char *keys, const struct slot_crypt *c, uint8_t key[CRYPT_KEY], struct err *e)
{
	bool device = c->kind == SLOT_CRYPT_DEVICE;
	struct kept kept = { 0 };

	if (keys && guard_memory(e) < 0)
		return -1;

	int found = !keys    ? 0
	            : device ? read_in(keys, SIGNER_SECRET, kept.secret, sizeof kept.secret, e)
	                     : read_in(keys, KEPT, &kept, sizeof kept, e);
	bool fits = found > 0 && (device || is_same(&kept.crypt, c));

	if (fits)
		crypt_key_of(kept.secret, key);
	sodium_memzero(&kept, sizeof kept);
	if (found < 0)
		return -1;
	return fits     ? 0
	       : device ? err_say(e, "encrypted, and there is no key here (slate.key=)")
	       : found  ? err_say(e, "encrypted with another passphrase")
	                : err_say(e, "encrypted, and its passphrase was not given");
}
