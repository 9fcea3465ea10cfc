/* Any bytes as a public key, a signature file, and with it as what it signs. */
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sodium.h>

#include "../../overlay/trust/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED = 32, RAW = 10 };

static void line_of(char *out, size_t size, const uint8_t *bytes, size_t len)
{
	sodium_bin2base64(out, size, bytes, len, sodium_base64_VARIANT_ORIGINAL);
}

/* What minisign signs with a comment of any bytes passes; with another one it does not. */
static void check_signed(const uint8_t *data, size_t size)
{
	static const uint8_t seed[SEED] = { 1 };
	struct minisign_key key = { .id = "anybody" };
	uint8_t secret[64], both[64 + 64], global[64], head[RAW + 64] = "Ed";
	char first[128], second[128], file[512];
	struct minisign_signature s;
	struct err e = { 0 };

	crypto_sign_seed_keypair(key.bytes, secret, seed);
	crypto_sign_detached(head + RAW, NULL, data, size, secret);
	memcpy(head + 2, key.id, sizeof key.id);
	memcpy(both, head + RAW, 64);
	memcpy(both + 64, data, size);
	line_of(first, sizeof first, head, sizeof head);
	crypto_sign_detached(global, NULL, both, 64 + size, secret);
	line_of(second, sizeof second, global, sizeof global);

	int len = snprintf(file, sizeof file, "untrusted comment: x\n%s\ntrusted comment: %.*s\n%s\n",
	                   first, (int)size, (const char *)data, second);
	struct span text = { (const char *)data, size };

	if (minisign_signature_decode((struct span){ file, (size_t)len }, &s, &e) < 0 ||
	    s.comment_len != size)
		abort();
	if (minisign_check(&s, &key, 1, text, &e) < 0)
		abort();
	s.comment[0] ^= 1;
	if (minisign_check(&s, &key, 1, text, &e) == 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct minisign_key nobody = { .id = "nobody" };
	struct span text = { (const char *)data, size };
	struct minisign_key key = { 0 };
	struct minisign_signature s;
	struct err e = { 0 };
	char id[MINISIGN_ID_TEXT];

	if (size > 1 && size < 48 && data[0] == 's' && !memchr(data, '\n', size) &&
	    !memchr(data, '\r', size) && !memchr(data, '\0', size))
		check_signed(data, size);
	if (minisign_key_decode(text, &key, &e) == 0)
		minisign_id(key.id, id);
	else if (!e.text[0])
		abort();
	e.text[0] = '\0';
	if (minisign_signature_decode(text, &s, &e) < 0) {
		if (!e.text[0])
			abort();
		return 0;
	}
	if (s.comment_len > MINISIGN_COMMENT || strlen(s.comment) != s.comment_len)
		abort();
	/* by nobody's key it can't be; by one that claims its number it is checked whole */
	if (minisign_check(&s, &nobody, 1, text, &e) == 0)
		abort();
	memcpy(key.id, s.id, sizeof key.id);
	memset(key.bytes, 7, sizeof key.bytes);
	if (minisign_check(&s, &key, 1, text, &e) == 0)
		abort();
	return 0;
}
