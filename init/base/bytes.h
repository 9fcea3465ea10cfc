/* bytes: whole numbers as disks and wires have them, at any address.
 *
 * le: the lowest byte first, be: the highest first. uint32_t le32_get(at) reads four
 * bytes, le32_put(at, n) writes four; likewise 16 and 64, and be.  */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define BYTES_NUMBER(order, bits) \
	static inline uint##bits##_t order##bits##_get(const void *at) \
	{ \
		uint##bits##_t n; \
\
		memcpy(&n, at, sizeof n); \
		return order##bits##toh(n); \
	} \
\
	static inline void order##bits##_put(void *at, uint##bits##_t n) \
	{ \
		n = hto##order##bits(n); \
		memcpy(at, &n, sizeof n); \
	}

BYTES_NUMBER(le, 16)
BYTES_NUMBER(le, 32)
BYTES_NUMBER(le, 64)
BYTES_NUMBER(be, 16)
BYTES_NUMBER(be, 32)
BYTES_NUMBER(be, 64)

#endif
