/* slot: a preallocated file that holds one generation of saved configuration.
 *
 * The file is an ordinary gzip file. Its first 512 bytes are the gzip header,
 * whose extra field holds the record below; the deflate stream follows at
 * offset 512; zeros fill the file to its fixed size. All numbers little-endian.
 *
 *     offset  bytes
 *          0     10  gzip header: FLG = FEXTRA, MTIME = time saved
 *         10      2  XLEN = 500
 *         12      4  subfield "SL", its length = 496
 *         16      4  "SLAT"
 *         20      2  version = 1
 *         22      2  flags: 1 = being written, not complete
 *         24      8  sequence, from 1 up; never reused, never taken from a clock
 *         32      8  payload: bytes from offset 512 to the end of the gzip stream
 *         40      8  bytes of the archive when decompressed
 *         48      8  time saved, seconds since 1970, signed
 *         56      4  members of the archive
 *         60      4  zero
 *         64     32  BLAKE2b-256 over the payload, then this sector with digest,
 *                    signature and CRC zeroed
 *         96     64  Ed25519 signature over the digest (signer.h), or zeros
 *        160      8  the signing key's number, or zeros
 *        168    128  message, UTF-8, NUL-padded
 *        296      1  encrypted: 0 no, 1 with the device's secret, 2 with a passphrase
 *        297      3  zero
 *        300      4  of a passphrase: Argon2id's passes over its memory,
 *        304      4  KiB of that memory,
 *        308     16  and its salt; else zero
 *        324    176  zero
 *        500      4  seconds of a trial, 0: an ordinary generation
 *        504      1  enum slot_trial; not part of the digest, so that it can change
 *        505      3  zero
 *        508      4  CRC-32 of bytes 0 to 507
 *
 * A sector of zeros is an empty slot.  */
#ifndef SLOT_SLOT_H
#define SLOT_SLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <sodium.h>

#include "../../init/base/err.h"

enum {
	SLOT_HEADER = 512,
	SLOT_DIGEST = 32,
	SLOT_SIGNATURE = 64,
	SLOT_SIGNER = 8,
	SLOT_SALT = 16,
	SLOT_MESSAGE = 128,
	SLOT_COUNT = 4,              /* slots that a new medium gets */
	SLOT_SIZE = 4 * 1024 * 1024, /* bytes of each */
};

/* Far from where a sum could wrap around. Above the second one no machine gets by
 * saving, but whoever can write the medium can put any number into a slot. */
#define SLOT_SEQUENCE_MAX    ((uint64_t)INT64_MAX)
#define SLOT_SEQUENCE_EARNED (SLOT_SEQUENCE_MAX - UINT32_MAX)

#define SLOT_PREFIX "slot-"
#define SLOT_SUFFIX ".apkovl.tar.gz"

enum slot_crypt_kind { SLOT_CRYPT_NONE, SLOT_CRYPT_DEVICE, SLOT_CRYPT_PASSPHRASE };

/* How the payload is encrypted (crypt.h). */
struct slot_crypt {
	uint8_t kind;
	uint32_t passes, memory_kib; /* of a passphrase */
	uint8_t salt[SLOT_SALT];
};

/* How far the trial of a generation is (trial.h). */
enum slot_trial {
	SLOT_NO_TRIAL,
	SLOT_TRIAL_OPEN,      /* in force since it was saved; no boot takes it */
	SLOT_TRIAL_ARMED,     /* the machine went down in order: one boot may take it */
	SLOT_TRIAL_BOOTED,    /* a boot took it */
	SLOT_TRIAL_KEPT,      /* confirmed: as good as any other */
	SLOT_TRIAL_LATE,      /* given up: not confirmed in time */
	SLOT_TRIAL_UNREACHED, /* given up: the boot that took it did not reach its target */
	SLOT_TRIAL_CUT,       /* given up: the machine went down before it was confirmed */
	SLOT_TRIAL_LEFT,      /* given up by whoever made it */
	SLOT_TRIALS
};

enum { SLOT_TRIAL_SECONDS_MAX = 7 * 24 * 3600 };

struct slot_record {
	struct slot_crypt crypt;
	uint64_t sequence;
	uint64_t payload; /* bytes of the deflate stream with its trailer */
	uint64_t size;    /* bytes when decompressed */
	int64_t time;     /* seconds since 1970 */
	uint32_t members;
	bool unfinished; /* a save began and did not end */
	bool is_signed;  /* these two are not zeros; whether they are right is not known yet */
	uint8_t signature[SLOT_SIGNATURE];
	uint8_t signer[SLOT_SIGNER];
	uint32_t trial_s; /* seconds; 0: not on trial */
	enum slot_trial trial;
	uint8_t digest[SLOT_DIGEST];
	char message[SLOT_MESSAGE]; /* terminated */
};

/* Whether all of these bytes are zero. */
bool slot_is_zero(const uint8_t *at, size_t len);

/* Whether a sector looks like a slot's, whole or damaged. */
bool slot_has_magic(const uint8_t sector[SLOT_HEADER]);

/* Fills *out from the first sector of a slot file of `file_size` bytes.
 * 1: a record; 0: the slot is empty; -1: damaged, *e says how. */
int slot_decode(const void *sector, size_t len, uint64_t file_size, struct slot_record *out,
                struct err *e);

/* Waiting to be confirmed; given up, so that no boot takes it. */
bool slot_trial_is_open(const struct slot_record *record);
bool slot_trial_is_given_up(const struct slot_record *record);

/* The sector of `record`, digest and all. */
void slot_encode(const struct slot_record *record, uint8_t sector[SLOT_HEADER]);

/* Digest of a record whose payload went through `state` (slot_digest_start,
 * then crypto_generichash_update with every byte). record->digest is ignored. */
void slot_digest_start(crypto_generichash_state *state);
void slot_digest_end(crypto_generichash_state *state, const struct slot_record *record,
                     uint8_t digest[SLOT_DIGEST]);

/* Reads the payload from `fd` and compares its digest. 0, or -1 with *e. */
int slot_verify(int fd, const struct slot_record *record, struct err *e);

/* "slot-3.apkovl.tar.gz" is slot 3; -1 for any other name. */
int slot_number(const char *name);

/* Opens slot `number` in `dir` with `flags` (O_CREAT: mode 0600). Returns a
 * descriptor that the caller owns, or -1 with errno. */
int slot_open(int dir, int number, int flags);

#endif
