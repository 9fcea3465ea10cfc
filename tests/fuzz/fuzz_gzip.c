/* Any bytes as a gzip file, read in pieces of odd sizes: refused with a reason, or the
 * same bytes whatever the pieces, never more than was allowed.
 *
 * max_len: 1024 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "../../overlay/tar/gzin.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 14 };

struct sum {
	uint64_t bytes;
	unsigned long crc;
	int result; /* of the last read */
};

static struct sum read_all(int fd, size_t len, size_t piece)
{
	struct sum sum = { 0, crc32(0, NULL, 0), -1 };
	struct gzin gz = { 0 };
	struct err e = { 0 };
	uint8_t buf[4096];
	ssize_t n = -1;

	if (gzin_open(&gz, fd, len, NULL, MOST, &e) == 0)
		while ((n = gzin_read(&gz, buf, piece, &e)) > 0) {
			sum.bytes += (uint64_t)n;
			sum.crc = crc32(sum.crc, buf, (unsigned)n);
			if ((size_t)n < piece)
				break;
		}
	if (n < 0 && !e.text[0])
		abort();
	gzin_close(&gz);
	sum.result = n < 0 ? -1 : 0;
	return sum;
}

static void check(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("gzip", 0);
	struct sum whole, pieces;

	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	whole = read_all(fd, size, 4096);
	pieces = read_all(fd, size, 61);
	if (whole.bytes > MOST || whole.result != pieces.result)
		abort();
	if (whole.result == 0 &&
	    (whole.bytes != pieces.bytes || whole.crc != pieces.crc || size < 18))
		abort();
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(data, size);
	return 0;
}
