#include "minisign.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES = 2 + MINISIGN_ID + MINISIGN_PUBLIC };
enum { SIGNATURE_BYTES = 2 + MINISIGN_ID + MINISIGN_SIGNATURE };

#define UNTRUSTED "untrusted comment:"
#define TRUSTED   "trusted comment: "

void minisign_id(const uint8_t id[MINISIGN_ID], char text[MINISIGN_ID_TEXT])
{
	for (size_t i = 0; i < MINISIGN_ID; i++)
		snprintf(text + 2 * i, 3, "%02X", (unsigned)id[MINISIGN_ID - 1 - i]);
}

/* minisign itself tolerates the carriage returns of other systems' editors. */
static bool next_line(struct span *text, struct span *line)
{
	if (!span_line(text, line))
		return false;
	if (line->len && line->at[line->len - 1] == '\r')
		line->len--;
	return true;
}

/* Exactly `size` bytes, or false. libsodium takes some bytes above 127 for letters. */
static bool decode(struct span line, uint8_t *out, size_t size)
{
	size_t len;
	const char *end;

	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.at[i] > 127)
			return false;
	if (sodium_base642bin(out, size, line.at, line.len, NULL, &len, &end,
	                      sodium_base64_VARIANT_ORIGINAL) != 0)
		return false;
	return len == size && end == line.at + line.len;
}

int minisign_key_decode(struct span text, struct minisign_key *out, struct err *e)
{
	uint8_t raw[KEY_BYTES];
	struct span line;

	if (text.len > MINISIGN_FILE_MAX)
		return err_say(e, "too large for a public key");
	if (!next_line(&text, &line) || (span_starts(line, UNTRUSTED) && !next_line(&text, &line)))
		return err_say(e, "not a public key of minisign: it is cut short");
	if (!decode(line, raw, sizeof raw))
		return err_say(e, "not a public key of minisign: %d bytes in base64 are wanted",
		               KEY_BYTES);
	if (memcmp(raw, "Ed", 2) != 0)
		return err_say(e, "a key of another kind than Ed25519");
	memcpy(out->id, raw + 2, MINISIGN_ID);
	memcpy(out->bytes, raw + 2 + MINISIGN_ID, MINISIGN_PUBLIC);
	return 0;
}

static int decode_head(struct span line, struct minisign_signature *out, struct err *e)
{
	uint8_t raw[SIGNATURE_BYTES];

	if (!decode(line, raw, sizeof raw))
		return err_say(e, "not a signature of minisign: %d bytes in base64 are wanted",
		               SIGNATURE_BYTES);
	if (memcmp(raw, "ED", 2) != 0 && memcmp(raw, "Ed", 2) != 0)
		return err_say(e, "a signature of another kind than Ed25519");
	out->prehashed = raw[1] == 'D';
	memcpy(out->id, raw + 2, MINISIGN_ID);
	memcpy(out->bytes, raw + 2 + MINISIGN_ID, MINISIGN_SIGNATURE);
	return 0;
}

int minisign_signature_decode(struct span text, struct minisign_signature *out, struct err *e)
{
	struct span line[4];

	*out = (struct minisign_signature){ 0 };
	if (text.len > MINISIGN_FILE_MAX)
		return err_say(e, "too large for a signature");
	for (size_t i = 0; i < 4; i++)
		if (!next_line(&text, &line[i]))
			return err_say(e, "not a signature of minisign: it is cut short");
	if (span_trim(text).len)
		return err_say(e, "not a signature of minisign: something follows it");
	if (!span_starts(line[0], UNTRUSTED) || !span_starts(line[2], TRUSTED))
		return err_say(e, "not a signature of minisign: a comment line is missing");

	struct span comment = span_from(line[2], sizeof TRUSTED - 1);

	if (!span_copy(comment, out->comment, sizeof out->comment))
		return err_say(e, "its trusted comment is longer than %d bytes", MINISIGN_COMMENT);
	out->comment_len = comment.len;
	if (decode_head(line[1], out, e) < 0)
		return -1;
	if (!decode(line[3], out->global, sizeof out->global))
		return err_say(e, "not a signature of minisign: the second one is damaged");
	return 0;
}

static const struct minisign_key *find_key(const struct minisign_signature *s,
                                           const struct minisign_key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(keys[i].id, s->id, MINISIGN_ID) == 0)
			return &keys[i];
	return NULL;
}

/* `signed_bytes`: the message, or its hash where that is what is signed. */
static int check(const struct minisign_signature *s, const struct minisign_key *keys, size_t n,
                 struct span signed_bytes, struct err *e)
{
	const struct minisign_key *key = find_key(s, keys, n);
	const unsigned char *bytes = (const unsigned char *)signed_bytes.at;
	uint8_t both[MINISIGN_SIGNATURE + MINISIGN_COMMENT];
	char id[MINISIGN_ID_TEXT];

	minisign_id(s->id, id);
	if (!key)
		return err_say(e, "is by the key %s, which is not trusted here", id);
	if (crypto_sign_verify_detached(s->bytes, bytes, signed_bytes.len, key->bytes) != 0)
		return err_say(e, "does not match (key %s)", id);
	memcpy(both, s->bytes, MINISIGN_SIGNATURE);
	memcpy(both + MINISIGN_SIGNATURE, s->comment, s->comment_len);
	if (crypto_sign_verify_detached(s->global, both, MINISIGN_SIGNATURE + s->comment_len,
	                                key->bytes) != 0)
		return err_say(e, "has another trusted comment than was signed (key %s)", id);
	return 0;
}

int minisign_check_hash(const struct minisign_signature *s, const struct minisign_key *keys,
                        size_t n, const uint8_t hash[MINISIGN_HASH], struct err *e)
{
	if (!s->prehashed)
		return err_say(e, "is of minisign's older kind (-l), which is not taken here");
	return check(s, keys, n, (struct span){ (const char *)hash, MINISIGN_HASH }, e);
}

int minisign_check(const struct minisign_signature *s, const struct minisign_key *keys, size_t n,
                   struct span message, struct err *e)
{
	uint8_t hash[MINISIGN_HASH];

	if (!s->prehashed)
		return check(s, keys, n, message, e);
	crypto_generichash(hash, sizeof hash, (const unsigned char *)message.at, message.len, NULL,
	                   0);
	return minisign_check_hash(s, keys, n, hash, e);
}

void minisign_key_encode(const struct minisign_key *key, char text[MINISIGN_KEY_TEXT])
{
	char id[MINISIGN_ID_TEXT],
		base64[sodium_base64_ENCODED_LEN(KEY_BYTES, sodium_base64_VARIANT_ORIGINAL)];
	uint8_t raw[KEY_BYTES] = "Ed";

	memcpy(raw + 2, key->id, MINISIGN_ID);
	memcpy(raw + 2 + MINISIGN_ID, key->bytes, MINISIGN_PUBLIC);
	sodium_bin2base64(base64, sizeof base64, raw, sizeof raw, sodium_base64_VARIANT_ORIGINAL);
	minisign_id(key->id, id);
	snprintf(text, MINISIGN_KEY_TEXT, UNTRUSTED " minisign public key %s\n%s\n", id, base64);
}
