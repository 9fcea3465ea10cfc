#include "hostkey.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/bytes.h"

#define KIND "ssh-ed25519"

enum { LINE = 70, PADDED_TO = 8 };

/* Bytes in the making; what is made here always fits. */
struct out {
	uint8_t at[512];
	size_t len;
};

static void put(struct out *o, const void *bytes, size_t len)
{
	memcpy(o->at + o->len, bytes, len);
	o->len += len;
}

static void put_number(struct out *o, uint32_t n)
{
	uint8_t big[4];

	be32_put(big, n);
	put(o, big, sizeof big);
}

static void put_string(struct out *o, const void *bytes, size_t len)
{
	put_number(o, (uint32_t)len);
	put(o, bytes, len);
}

static void put_text(struct out *o, const char *text)
{
	put_string(o, text, strlen(text));
}

static void put_public(struct out *o, const uint8_t public[crypto_sign_PUBLICKEYBYTES])
{
	put_text(o, KIND);
	put_string(o, public, crypto_sign_PUBLICKEYBYTES);
}

static void put_private(struct out *o, const uint8_t *public, const uint8_t *secret,
                        const char *comment)
{
	/* twice the same number, for a reader to see that it has decrypted rightly */
	put(o, public, 4);
	put(o, public, 4);
	put_public(o, public);
	put_string(o, secret, crypto_sign_SECRETKEYBYTES);
	put_text(o, comment);
	for (uint8_t pad = 1; o->len % PADDED_TO; pad++)
		put(o, &pad, 1);
}

static void write_openssh(const struct out *o, char text[HOSTKEY_TEXT])
{
	char base64[HOSTKEY_TEXT];
	size_t used;

	sodium_bin2base64(base64, sizeof base64, o->at, o->len, sodium_base64_VARIANT_ORIGINAL);
	used = (size_t)snprintf(text, HOSTKEY_TEXT, "-----BEGIN OPENSSH PRIVATE KEY-----\n");
	for (const char *at = base64; *at; at += strnlen(at, LINE))
		used += (size_t)snprintf(text + used, HOSTKEY_TEXT - used, "%.*s\n", LINE, at);
	snprintf(text + used, HOSTKEY_TEXT - used, "-----END OPENSSH PRIVATE KEY-----\n");
	sodium_memzero(base64, sizeof base64);
}

static void make_openssh(const uint8_t *public, const uint8_t *secret, const char *comment,
                         struct hostkey *out)
{
	struct out blob = { .len = 0 }, private = { .len = 0 }, all = { .len = 0 };
	char base64[128];

	put_public(&blob, public);
	put_private(&private, public, secret, comment);
	put(&all, "openssh-key-v1", sizeof "openssh-key-v1");
	put_text(&all, "none");
	put_text(&all, "none");
	put_text(&all, "");
	put_number(&all, 1);
	put_string(&all, blob.at, blob.len);
	put_string(&all, private.at, private.len);
	write_openssh(&all, out->openssh);
	sodium_bin2base64(base64, sizeof base64, blob.at, blob.len, sodium_base64_VARIANT_ORIGINAL);
	snprintf(out->public, sizeof out->public, KIND " %s %s\n", base64, comment);
	sodium_memzero(&private, sizeof private);
	sodium_memzero(&all, sizeof all);
}

void hostkey_make(const uint8_t seed[HOSTKEY_SEED], const char *comment, struct hostkey *out)
{
	uint8_t public[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
	struct out dropbear = { .len = 0 };
	char cut[101];

	snprintf(cut, sizeof cut, "%.100s", comment);
	crypto_sign_seed_keypair(public, secret, seed);
	make_openssh(public, secret, cut, out);
	put_text(&dropbear, KIND);
	/* the seed and the public key: what libsodium calls the secret key */
	put_string(&dropbear, secret, sizeof secret);
	memcpy(out->dropbear, dropbear.at, dropbear.len);
	out->dropbear_len = dropbear.len;
	sodium_memzero(secret, sizeof secret);
	sodium_memzero(&dropbear, sizeof dropbear);
}
