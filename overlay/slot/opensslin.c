#include "opensslin.h"

#include <errno.h>
#include <fcntl.h>
#include <mbedtls/md.h>
#include <mbedtls/pkcs5.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../trust/guard.h"

#define MAGIC "Salted__"
#define KEPT  "openssl"     /* in the folder of keys */
#define LINE  "openssl.line" /* there, too: of the key file */

enum { PBKDF2_ROUNDS = 10000 /* openssl's own number */, LINE_MAX_BYTES = 1024 };

_Static_assert(sizeof MAGIC - 1 + OPENSSLIN_SALT == OPENSSLIN_HEADER, "magic, then salt");

int opensslin_is(int fd, uint8_t salt[OPENSSLIN_SALT], struct err *e)
{
	uint8_t header[OPENSSLIN_HEADER];
	ssize_t n = fd_pread_full(fd, header, sizeof header, 0);

	if (n < 0)
		return err_sys(e, "read");
	if (n < OPENSSLIN_HEADER || memcmp(header, MAGIC, sizeof MAGIC - 1) != 0)
		return 0;
	if (salt)
		memcpy(salt, header + sizeof MAGIC - 1, OPENSSLIN_SALT);
	return 1;
}

/* --- From a passphrase to a key --- */

struct material {
	const uint8_t *passphrase;
	size_t len;
	const uint8_t *salt;
	uint8_t *out; /* the key, then the first block */
	size_t size;
};

/* openssl's own way: each digest is of the one before, passphrase and salt. */
static int by_digest(const struct material *m, mbedtls_md_type_t type)
{
	const mbedtls_md_info_t *info = mbedtls_md_info_from_type(type);
	uint8_t digest[MBEDTLS_MD_MAX_SIZE];
	mbedtls_md_context_t md;
	size_t len = 0;
	int failed;

	mbedtls_md_init(&md);
	failed = mbedtls_md_setup(&md, info, 0);
	for (size_t done = 0; !failed && done < m->size; done += len) {
		failed = mbedtls_md_starts(&md) || mbedtls_md_update(&md, digest, len) ||
		         mbedtls_md_update(&md, m->passphrase, m->len) ||
		         mbedtls_md_update(&md, m->salt, OPENSSLIN_SALT) ||
		         mbedtls_md_finish(&md, digest);
		len = mbedtls_md_get_size(info);
		if (!failed)
			memcpy(m->out + done, digest,
			       m->size - done < len ? m->size - done : len);
	}
	mbedtls_md_free(&md);
	sodium_memzero(digest, sizeof digest);
	return failed ? -1 : 0;
}

static int by_sha256(const struct material *m)
{
	return by_digest(m, MBEDTLS_MD_SHA256);
}

static int by_md5(const struct material *m)
{
	return by_digest(m, MBEDTLS_MD_MD5);
}

static int by_pbkdf2(const struct material *m)
{
	mbedtls_md_context_t md;
	int failed;

	mbedtls_md_init(&md);
	failed = mbedtls_md_setup(&md, mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), 1) ||
	         mbedtls_pkcs5_pbkdf2_hmac(&md, m->passphrase, m->len, m->salt, OPENSSLIN_SALT,
	                                   PBKDF2_ROUNDS, (uint32_t)m->size, m->out);
	mbedtls_md_free(&md);
	return failed ? -1 : 0;
}

static int (*const ways[])(const struct material *m) = { by_sha256, by_pbkdf2, by_md5 };

/* Whether the key brings out a gzip header: magic, deflate, no flag that there is none of. */
static bool fits(const struct opensslin_secret *secret, const uint8_t block[OPENSSLIN_BLOCK])
{
	uint8_t plain[OPENSSLIN_BLOCK], chain[OPENSSLIN_BLOCK];
	mbedtls_aes_context aes;
	bool good;

	memcpy(chain, secret->first, sizeof chain);
	mbedtls_aes_init(&aes);
	good = mbedtls_aes_setkey_dec(&aes, secret->key, 8 * sizeof secret->key) == 0 &&
	       mbedtls_aes_crypt_cbc(&aes, MBEDTLS_AES_DECRYPT, sizeof plain, chain, block,
	                             plain) == 0 &&
	       plain[0] == 0x1f && plain[1] == 0x8b && plain[2] == 8 && (plain[3] & 0xe0) == 0;
	mbedtls_aes_free(&aes);
	return good;
}

int opensslin_guess(int fd, const char *passphrase, size_t len, struct opensslin_secret *out,
                    struct err *e)
{
	uint8_t block[OPENSSLIN_BLOCK], material[sizeof out->key + sizeof out->first] = { 0 };
	const struct material m = { (const uint8_t *)passphrase, len, out->salt, material,
		                    sizeof material };
	int is = opensslin_is(fd, out->salt, e);
	bool found = false, failed = false;

	if (is <= 0)
		return is < 0 ? -1 : err_say(e, "not encrypted by openssl");
	if (fd_pread_full(fd, block, sizeof block, OPENSSLIN_HEADER) != sizeof block)
		return err_say(e, "cut short");
	for (size_t i = 0; !found && !failed && i < sizeof ways / sizeof *ways; i++) {
		failed = ways[i](&m) < 0;
		memcpy(out->key, material, sizeof out->key);
		memcpy(out->first, material + sizeof out->key, sizeof out->first);
		found = !failed && fits(out, block);
	}
	sodium_memzero(material, sizeof material);
	if (failed)
		return err_say(e, "passphrase: out of memory");
	return found ? 0
	             : err_say(e, "that is not the passphrase, or the file begins with damage");
}

/* --- Keeping it --- */

int opensslin_keep(const char *keys, const struct opensslin_secret *secret, struct err *e)
{
	char path[300];

	snprintf(path, sizeof path, "%s/" KEPT, keys);

	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 || fd_write_full(fd, secret, sizeof *secret) < 0
	               ? err_sys(e, "keep the passphrase in %s", keys)
	               : 0;
}

int opensslin_kept(const char *keys, int fd, struct opensslin_secret *out, struct err *e)
{
	uint8_t salt[OPENSSLIN_SALT];
	char path[300];
	int is = opensslin_is(fd, salt, e);

	snprintf(path, sizeof path, "%s/" KEPT, keys ? keys : "");

	FD_AUTO kept = keys && is > 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (is <= 0 || !keys)
		return is < 0 ? -1 : 0;
	if (kept < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	if (guard_memory(e) < 0)
		return -1;
	if (fd_read_full(kept, out, sizeof *out) != sizeof *out)
		return err_say(e, "%s: cut short", path);
	return memcmp(out->salt, salt, sizeof salt) == 0;
}

/* The length of the first line, 0 where it is no passphrase: empty, too long, or binary. */
static size_t line_of(int fd, char line[LINE_MAX_BYTES])
{
	ssize_t n = fd_pread_full(fd, line, LINE_MAX_BYTES, 0);
	const char *end = n > 0 ? memchr(line, '\n', (size_t)n) : NULL;
	size_t len = end ? (size_t)(end - line) : n > 0 ? (size_t)n : 0;

	return len < LINE_MAX_BYTES && !memchr(line, '\0', len) ? len : 0;
}

int opensslin_keep_line(const char *keys, int fd, struct err *e)
{
	char line[LINE_MAX_BYTES], path[300];
	size_t len = line_of(fd, line);
	int result = 0;

	snprintf(path, sizeof path, "%s/" LINE, keys);
	if (len > 0) {
		FD_AUTO kept = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		                    0600);

		if (kept < 0 || fd_write_full(kept, line, len) < 0)
			result = err_sys(e, "keep the key in %s", keys);
	}
	sodium_memzero(line, sizeof line);
	return result;
}

int opensslin_by_key_file(const char *keys, int fd, struct opensslin_secret *out, struct err *e)
{
	char line[LINE_MAX_BYTES], path[300];
	struct err other;
	size_t len;
	bool found;

	snprintf(path, sizeof path, "%s/" LINE, keys ? keys : "");

	FD_AUTO kept = keys ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (!keys || (kept < 0 && errno == ENOENT))
		return 0;
	if (kept < 0)
		return err_sys(e, "open %s", path);
	if (guard_memory(e) < 0)
		return -1;
	len = line_of(kept, line);
	/* another's is no error: the passphrase may be asked for */
	found = len > 0 && opensslin_guess(fd, line, len, out, &other) == 0;
	sodium_memzero(line, sizeof line);
	return found;
}

/* --- Reading --- */

int opensslin_start(struct opensslin *o, int fd, uint64_t length,
                    const struct opensslin_secret *secret, struct err *e)
{
	o->fd = fd;
	o->at = OPENSSLIN_HEADER;
	o->end = length;
	memcpy(o->chain, secret->first, sizeof o->chain);
	mbedtls_aes_init(&o->aes);
	if (mbedtls_aes_setkey_dec(&o->aes, secret->key, 8 * sizeof secret->key) != 0)
		return err_say(e, "decrypt: out of memory");
	if (length <= OPENSSLIN_HEADER || (length - OPENSSLIN_HEADER) % OPENSSLIN_BLOCK != 0)
		return err_say(e, "cut short: no whole number of encrypted blocks");
	return 0;
}

/* The last block ends with so many bytes of that number. */
static ssize_t without_padding(const uint8_t *plain, size_t len, struct err *e)
{
	uint8_t n = plain[len - 1], wrong = n == 0 || n > OPENSSLIN_BLOCK;

	for (size_t i = 1; !wrong && i <= n; i++)
		wrong = plain[len - i] != n;
	return wrong ? err_say(e, "does not decrypt to its end: cut short, or damaged")
	             : (ssize_t)(len - n);
}

ssize_t opensslin_read(void *opensslin, void *buf, size_t len, struct err *e)
{
	struct opensslin *o = opensslin;
	uint64_t left = o->end - o->at;
	size_t want = left < sizeof o->in ? (size_t)left : sizeof o->in;

	if (want == 0 || len < want)
		return 0;
	if (fd_pread_full(o->fd, o->in, want, o->at) != (ssize_t)want)
		return err_say(e, "read at %llu: cut short", (unsigned long long)o->at);
	if (mbedtls_aes_crypt_cbc(&o->aes, MBEDTLS_AES_DECRYPT, want, o->chain, o->in, buf) != 0)
		return err_say(e, "does not decrypt");
	o->at += want;
	return o->at < o->end ? (ssize_t)want : without_padding(buf, want, e);
}

void opensslin_wipe(struct opensslin *o)
{
	mbedtls_aes_free(&o->aes);
	sodium_memzero(o, sizeof *o);
}
