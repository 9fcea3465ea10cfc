#include "slotout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"

enum { ALIGNMENT = 4096 };

static int write_at(int fd, const void *buf, size_t len, uint64_t at, struct err *e)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)buf + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "write at %llu", (unsigned long long)(at + done));
		done += (size_t)n;
	}
	return 0;
}

static int flush(int fd, struct err *e)
{
	return fdatasync(fd) < 0 ? err_sys(e, "flush to the medium") : 0;
}

/* A descriptor that reads from the medium instead of the cache. File systems
 * that can't (tmpfs, in tests) refuse at open or at the first read. */
static int open_check(int dir, int number, void *buf)
{
	FD_AUTO fd = slot_open(dir, number, O_RDONLY | O_DIRECT);

	if (fd >= 0 && pread(fd, buf, ALIGNMENT, 0) >= 0)
		return fd_take(&fd);
	fd_drop(&fd);
	fd = slot_open(dir, number, O_RDONLY);
	return fd_take(&fd);
}

int slotout_start(struct slotout *s, int dir, int number, const struct slot_record *record,
                  struct err *e)
{
	uint8_t sector[SLOT_HEADER];
	struct stat st;

	*s = (struct slotout){ .fd = -1, .check = -1, .record = *record };
	s->record.unfinished = true;
	s->record.payload = s->record.size = s->record.members = 0;
	memset(s->record.digest, 0, SLOT_DIGEST);
	s->buf = aligned_alloc(ALIGNMENT, SLOTOUT_BUFFER);
	if (!s->buf)
		return err_sys(e, "buffer");
	s->fd = slot_open(dir, number, O_WRONLY);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return err_sys(e, "open for writing");
	s->check = open_check(dir, number, s->buf);
	if (s->check < 0)
		return err_sys(e, "open for reading");
	if (st.st_size < SLOT_HEADER)
		return err_say(e, "not a preallocated file");
	s->capacity = (uint64_t)st.st_size - SLOT_HEADER;
	slot_digest_start(&s->state);
	/* Says what happened here should the power go; the digest of the old header
	 * would not match either, so nothing depends on the order. */
	slot_encode(&s->record, sector);
	return write_at(s->fd, sector, sizeof sector, 0, e);
}

static int drain(struct slotout *s, struct err *e)
{
	if (write_at(s->fd, s->buf, s->fill, SLOT_HEADER + s->record.payload, e) < 0)
		return -1;
	crypto_generichash_update(&s->state, s->buf, s->fill);
	s->record.payload += s->fill;
	s->fill = 0;
	return 0;
}

int slotout_write(void *slotout, const void *bytes, size_t len, struct err *e)
{
	struct slotout *s = slotout;

	if (len > s->capacity - s->record.payload - s->fill) {
		errno = ENOSPC;
		return err_sys(e, "slot of %llu KiB",
		               (unsigned long long)(s->capacity + SLOT_HEADER) / 1024);
	}
	for (size_t done = 0; done < len;) {
		size_t n = len - done < SLOTOUT_BUFFER - s->fill ? len - done
		                                                 : SLOTOUT_BUFFER - s->fill;

		memcpy(s->buf + s->fill, (const char *)bytes + done, n);
		s->fill += n;
		done += n;
		if (s->fill == SLOTOUT_BUFFER && drain(s, e) < 0)
			return -1;
	}
	return 0;
}

static ssize_t read_some(int fd, void *buf, size_t len, uint64_t at)
{
	ssize_t n;

	do
		n = pread(fd, buf, len, (off_t)at);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Whole aligned buffers are read, as O_DIRECT wants them, past the end of the payload. */
static int digest_back(struct slotout *s, uint8_t first[SLOT_HEADER], uint8_t digest[SLOT_DIGEST],
                       struct err *e)
{
	uint64_t end = SLOT_HEADER + s->record.payload;

	slot_digest_start(&s->state);
	for (uint64_t at = 0; at < end; at += SLOTOUT_BUFFER) {
		ssize_t n = read_some(s->check, s->buf, SLOTOUT_BUFFER, at);
		uint64_t want = end - at < SLOTOUT_BUFFER ? end - at : SLOTOUT_BUFFER;
		size_t skip = at == 0 ? SLOT_HEADER : 0;

		if (n < 0)
			return err_sys(e, "read back at %llu", (unsigned long long)at);
		if ((uint64_t)n < want)
			return err_say(e, "read back: the file ends too early");
		if (at == 0)
			memcpy(first, s->buf, SLOT_HEADER);
		crypto_generichash_update(&s->state, s->buf + skip, want - skip);
	}
	slot_digest_end(&s->state, &s->record, digest);
	return 0;
}

static int read_back(struct slotout *s, const uint8_t sector[SLOT_HEADER], struct err *e)
{
	uint8_t first[SLOT_HEADER], digest[SLOT_DIGEST];

	posix_fadvise(s->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (digest_back(s, first, digest, e) < 0)
		return -1;
	if (memcmp(first, sector, SLOT_HEADER) != 0 ||
	    memcmp(digest, s->record.digest, SLOT_DIGEST) != 0)
		return err_say(e, "the medium gave back other bytes than were written");
	return 0;
}

/* Zeros over what an earlier, longer generation has left behind this one's end, which gzip
 * would complain of. That ends where a page of zeros does: no archive has one inside. */
static int clear_rest(struct slotout *s, struct err *e)
{
	const uint64_t end = SLOT_HEADER + s->record.payload, size = SLOT_HEADER + s->capacity;

	for (uint64_t at = end / SLOTOUT_BUFFER * SLOTOUT_BUFFER; at < size; at += SLOTOUT_BUFFER) {
		ssize_t n = read_some(s->check, s->buf, SLOTOUT_BUFFER, at);
		size_t skip = at < end ? (size_t)(end - at) : 0;

		if (n < 0)
			return err_sys(e, "read at %llu", (unsigned long long)at);
		if ((size_t)n <= skip)
			return 0;

		size_t rest = (size_t)n - skip;

		if (!slot_is_zero(s->buf + skip, rest)) {
			memset(s->buf + skip, 0, rest);
			if (write_at(s->fd, s->buf + skip, rest, at + skip, e) < 0)
				return -1;
		} else if (rest >= ALIGNMENT) {
			return 0;
		}
	}
	return 0;
}

int slotout_finish(struct slotout *s, uint64_t size, uint32_t members, const struct signer *signer,
                   struct err *e)
{
	uint8_t sector[SLOT_HEADER];

	if (drain(s, e) < 0 || flush(s->fd, e) < 0 || clear_rest(s, e) < 0)
		return -1;
	s->record.unfinished = false;
	s->record.size = size;
	s->record.members = members;
	slot_digest_end(&s->state, &s->record, s->record.digest);
	if (signer)
		signer_sign(signer, &s->record);
	slot_encode(&s->record, sector);
	if (write_at(s->fd, sector, sizeof sector, 0, e) < 0 || flush(s->fd, e) < 0)
		return -1;
	return read_back(s, sector, e);
}

void slotout_drop(struct slotout *s)
{
	fd_drop(&s->fd);
	fd_drop(&s->check);
	free(s->buf);
	s->buf = NULL;
}
