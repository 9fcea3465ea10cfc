/* sha256x8: SHA-256 (FIPS 180-4) of eight messages at a time, a lane of a vector each.
 *
 * For the many blocks of a hash tree, which are alike in length and don't depend on one
 * another. By what every machine has, and by AVX2 where the processor has that.  */
#ifndef OVERLAY_SHA256X8_H
#define OVERLAY_SHA256X8_H

#include <stddef.h>
#include <stdint.h>

#define SHA256X8_LANES 8
#define SHA256X8_DIGEST 32

/* The digests of `salt` followed by each of the eight pieces of `size` bytes that lie one
 * behind the other at `pieces`. */
void sha256x8(const uint8_t *salt, size_t salt_len, const uint8_t *pieces, size_t size,
              uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST]);

/* The same by what every machine has. */
void sha256x8_plain(const uint8_t *salt, size_t salt_len, const uint8_t *pieces, size_t size,
                    uint8_t digests[SHA256X8_LANES][SHA256X8_DIGEST]);

#endif
