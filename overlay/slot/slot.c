#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "../../init/base/bytes.h"
#include "../../init/base/span.h"

enum {
	AT_XLEN = 10,
	AT_SUBFIELD = 12,
	AT_MAGIC = 16,
	AT_VERSION = 20,
	AT_FLAGS = 22,
	AT_SEQUENCE = 24,
	AT_PAYLOAD = 32,
	AT_SIZE = 40,
	AT_TIME = 48,
	AT_MEMBERS = 56,
	AT_DIGEST = 64,
	AT_SIGNATURE = 96,
	AT_SIGNER = 160,
	AT_MESSAGE = 168,
	AT_CRYPT = 296,
	AT_PASSES = 300,
	AT_MEMORY = 304,
	AT_SALT = 308,
	AT_TRIAL_SECONDS = 500,
	AT_TRIAL = 504,
	AT_CRC = 508,
};
enum { VERSION = 1, FLAG_UNFINISHED = 1, NUMBER_MAX = 9999, PAYLOAD_MIN = 8 };
/* What a header may cost a boot, and what Argon2id asks for at the least. */
enum { PASSES_MAX = 16, MEMORY_MIN_KIB = 8, MEMORY_MAX_KIB = 256 * 1024 };

static uint32_t checksum(const uint8_t *sector)
{
	return (uint32_t)crc32(0, sector, AT_CRC);
}

bool slot_trial_is_open(const struct slot_record *r)
{
	return r->trial == SLOT_TRIAL_OPEN || r->trial == SLOT_TRIAL_ARMED ||
	       r->trial == SLOT_TRIAL_BOOTED;
}

bool slot_trial_is_given_up(const struct slot_record *r)
{
	return r->trial > SLOT_TRIAL_KEPT;
}

/* All but digest, signature, the state of a trial and CRC. */
static void encode_fields(const struct slot_record *record, uint8_t sector[SLOT_HEADER])
{
	static const uint8_t gzip[] = { 0x1f, 0x8b, 8, 4 };

	memset(sector, 0, SLOT_HEADER);
	memcpy(sector, gzip, sizeof gzip);
	le32_put(sector + 4,
	         record->time > 0 && record->time <= UINT32_MAX ? (uint32_t)record->time : 0);
	sector[9] = 3; /* Unix */
	le16_put(sector + AT_XLEN, SLOT_HEADER - AT_SUBFIELD);
	memcpy(sector + AT_SUBFIELD, "SL", 2);
	le16_put(sector + AT_SUBFIELD + 2, SLOT_HEADER - AT_MAGIC);
	memcpy(sector + AT_MAGIC, "SLAT", 4);
	le16_put(sector + AT_VERSION, VERSION);
	le16_put(sector + AT_FLAGS, record->unfinished ? FLAG_UNFINISHED : 0);
	le64_put(sector + AT_SEQUENCE, record->sequence);
	le64_put(sector + AT_PAYLOAD, record->payload);
	le64_put(sector + AT_SIZE, record->size);
	le64_put(sector + AT_TIME, (uint64_t)record->time);
	le32_put(sector + AT_MEMBERS, record->members);
	sector[AT_CRYPT] = record->crypt.kind;
	le32_put(sector + AT_PASSES, record->crypt.passes);
	le32_put(sector + AT_MEMORY, record->crypt.memory_kib);
	memcpy(sector + AT_SALT, record->crypt.salt, SLOT_SALT);
	memcpy(sector + AT_MESSAGE, record->message, strnlen(record->message, SLOT_MESSAGE - 1));
	le32_put(sector + AT_TRIAL_SECONDS, record->trial_s);
}

void slot_encode(const struct slot_record *record, uint8_t sector[SLOT_HEADER])
{
	encode_fields(record, sector);
	memcpy(sector + AT_DIGEST, record->digest, SLOT_DIGEST);
	memcpy(sector + AT_SIGNATURE, record->signature, SLOT_SIGNATURE);
	memcpy(sector + AT_SIGNER, record->signer, SLOT_SIGNER);
	sector[AT_TRIAL] = (uint8_t)record->trial;
	le32_put(sector + AT_CRC, checksum(sector));
}

bool slot_is_zero(const uint8_t *at, size_t len)
{
	return len == 0 || (at[0] == 0 && memcmp(at, at + 1, len - 1) == 0);
}

/* Whether the fixed bytes are what slot_encode writes: the digest is made from
 * the decoded record, so no byte may stand there that the record does not hold. */
static bool fixed_bytes_match(const uint8_t *sector, const struct slot_record *record)
{
	uint8_t again[SLOT_HEADER];

	encode_fields(record, again);
	memcpy(again + AT_DIGEST, sector + AT_DIGEST, AT_MESSAGE - AT_DIGEST);
	again[AT_TRIAL] = (uint8_t)record->trial;
	memcpy(again + AT_CRC, sector + AT_CRC, SLOT_HEADER - AT_CRC);
	return memcmp(again, sector, SLOT_HEADER) == 0;
}

static void decode_crypt(const uint8_t *sector, struct slot_crypt *out)
{
	out->kind = sector[AT_CRYPT];
	out->passes = le32_get(sector + AT_PASSES);
	out->memory_kib = le32_get(sector + AT_MEMORY);
	memcpy(out->salt, sector + AT_SALT, SLOT_SALT);
}

static bool crypt_is_possible(const struct slot_crypt *c)
{
	if (c->kind == SLOT_CRYPT_PASSPHRASE)
		return c->passes >= 1 && c->passes <= PASSES_MAX &&
		       c->memory_kib >= MEMORY_MIN_KIB && c->memory_kib <= MEMORY_MAX_KIB;
	return c->kind <= SLOT_CRYPT_DEVICE && c->passes == 0 && c->memory_kib == 0 &&
	       slot_is_zero(c->salt, sizeof c->salt);
}

bool slot_has_magic(const uint8_t sector[SLOT_HEADER])
{
	return memcmp(sector + AT_MAGIC, "SLAT", 4) == 0;
}

int slot_decode(const void *bytes, size_t len, uint64_t file_size, struct slot_record *out,
                struct err *e)
{
	const uint8_t *sector = bytes;

	*out = (struct slot_record){ 0 };
	if (len < SLOT_HEADER || file_size < SLOT_HEADER)
		return err_say(e, "cut short: %llu bytes", (unsigned long long)file_size);
	if (slot_is_zero(sector, SLOT_HEADER))
		return 0;
	if (le32_get(sector + AT_CRC) != checksum(sector))
		return err_say(e, "header is damaged (checksum does not match)");
	if (!slot_has_magic(sector))
		return err_say(e, "not a slot: no record in its header");
	if (le16_get(sector + AT_VERSION) != VERSION)
		return err_say(e, "written by another version of slate (format %u)",
		               le16_get(sector + AT_VERSION));

	out->sequence = le64_get(sector + AT_SEQUENCE);
	out->payload = le64_get(sector + AT_PAYLOAD);
	out->size = le64_get(sector + AT_SIZE);
	out->time = (int64_t)le64_get(sector + AT_TIME);
	out->members = le32_get(sector + AT_MEMBERS);
	out->trial_s = le32_get(sector + AT_TRIAL_SECONDS);
	out->trial =
		sector[AT_TRIAL] < SLOT_TRIALS ? (enum slot_trial)sector[AT_TRIAL] : SLOT_NO_TRIAL;
	out->unfinished = le16_get(sector + AT_FLAGS) == FLAG_UNFINISHED;
	memcpy(out->digest, sector + AT_DIGEST, SLOT_DIGEST);
	out->is_signed = !slot_is_zero(sector + AT_SIGNATURE, SLOT_SIGNATURE + SLOT_SIGNER);
	memcpy(out->signature, sector + AT_SIGNATURE, SLOT_SIGNATURE);
	memcpy(out->signer, sector + AT_SIGNER, SLOT_SIGNER);
	memcpy(out->message, sector + AT_MESSAGE, SLOT_MESSAGE - 1);
	decode_crypt(sector, &out->crypt);
	if (!fixed_bytes_match(sector, out))
		return err_say(e, "header holds what this version does not know");
	if ((out->trial_s == 0) != (out->trial == SLOT_NO_TRIAL) ||
	    out->trial_s > SLOT_TRIAL_SECONDS_MAX)
		return err_say(e, "header holds what this version does not know");
	if (!crypt_is_possible(&out->crypt))
		return err_say(e, "encrypted in a way that this version does not know");
	if (out->sequence == 0 || out->sequence > SLOT_SEQUENCE_MAX) {
		out->sequence = 0; /* nobody is to count on from it */
		return err_say(e, "header has no sequence number");
	}
	if (!out->unfinished && out->payload < PAYLOAD_MIN)
		return err_say(e, "header names no archive");
	if (out->payload > file_size - SLOT_HEADER)
		return err_say(e, "cut short: %llu bytes of %llu",
		               (unsigned long long)file_size - SLOT_HEADER,
		               (unsigned long long)out->payload);
	return 1;
}

void slot_digest_start(crypto_generichash_state *state)
{
	crypto_generichash_init(state, NULL, 0, SLOT_DIGEST);
}

void slot_digest_end(crypto_generichash_state *state, const struct slot_record *record,
                     uint8_t digest[SLOT_DIGEST])
{
	uint8_t sector[SLOT_HEADER];

	encode_fields(record, sector);
	crypto_generichash_update(state, sector, sizeof sector);
	crypto_generichash_final(state, digest, SLOT_DIGEST);
}

int slot_verify(int fd, const struct slot_record *record, struct err *e)
{
	crypto_generichash_state state;
	uint8_t buf[32768], digest[SLOT_DIGEST];
	uint64_t left = record->payload;

	slot_digest_start(&state);
	for (off_t at = SLOT_HEADER; left > 0;) {
		ssize_t n = pread(fd, buf, left < sizeof buf ? left : sizeof buf, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read at %lld", (long long)at);
		if (n == 0)
			return err_say(e, "cut short: %llu bytes are missing",
			               (unsigned long long)left);
		crypto_generichash_update(&state, buf, (size_t)n);
		left -= (uint64_t)n;
		at += n;
	}
	slot_digest_end(&state, record, digest);
	if (memcmp(digest, record->digest, SLOT_DIGEST) != 0)
		return err_say(e, "damaged (digest does not match)");
	return 0;
}

int slot_number(const char *name)
{
	struct span s = span_of(name), digits;
	const size_t around = sizeof SLOT_PREFIX - 1 + sizeof SLOT_SUFFIX - 1;
	uint64_t number;

	if (s.len <= around || !span_starts(s, SLOT_PREFIX) || !span_ends(s, SLOT_SUFFIX))
		return -1;
	digits = (struct span){ s.at + sizeof SLOT_PREFIX - 1, s.len - around };
	if (!span_uint(digits, NUMBER_MAX, &number) || (digits.len > 1 && digits.at[0] == '0'))
		return -1;
	return (int)number;
}

int slot_open(int dir, int number, int flags)
{
	char name[64];

	snprintf(name, sizeof name, SLOT_PREFIX "%d" SLOT_SUFFIX, number);
	return openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}
