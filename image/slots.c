#include "slots.h"

#include "../init/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SLOT_BLOCK = 512, SLOT_CHUNK = 1 << 20 };

/* One block of the pattern: a sentence that no image holds by chance, over and over. */
static void make_pattern(char block[static SLOT_BLOCK])
{
	static const char text[64] = "slate: place of a save slot, about to be filled with zeros.....";

	for (size_t i = 0; i < SLOT_BLOCK; i++)
		block[i] = text[i % sizeof text];
}

int slots_fill(const char *path, uint64_t size, struct err *e)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	char blocks[128 * SLOT_BLOCK];

	if (fd < 0)
		return err_sys(e, "create %s", path);
	for (size_t at = 0; at < sizeof blocks; at += SLOT_BLOCK)
		make_pattern(blocks + at);
	for (uint64_t done = 0; done < size;) {
		size_t part = size - done < sizeof blocks ? (size_t)(size - done) : sizeof blocks;

		if (fd_write_full(fd, blocks, part) < 0)
			return err_sys(e, "write %s", path);
		done += part;
	}
	return 0;
}

struct search {
	uint64_t found;         /* blocks with the pattern */
	uint64_t runs;          /* stretches of such blocks */
	bool in_run;
	char pattern[SLOT_BLOCK];
};

/* Zeros the pattern's blocks among the `len` bytes of `chunk`. True: there were some. */
static bool zero_chunk(struct search *s, char *chunk, size_t len)
{
	bool any = false;

	for (size_t at = 0; at + SLOT_BLOCK <= len; at += SLOT_BLOCK) {
		bool match = memcmp(chunk + at, s->pattern, SLOT_BLOCK) == 0;

		s->runs += match && !s->in_run;
		s->found += match;
		s->in_run = match;
		any |= match;
		if (match)
			memset(chunk + at, 0, SLOT_BLOCK);
	}
	return any;
}

/* Over the parts of the image that hold data; the rest is a hole. */
static int zero_all(struct search *s, int fd, char *chunk, struct err *e)
{
	for (off_t at = 0;;) {
		off_t data = lseek(fd, at, SEEK_DATA);

		if (data < 0 && errno == ENXIO)
			return 0;
		if (data < 0)
			return err_sys(e, "look for data");
		data -= data % SLOT_BLOCK;
		s->in_run &= data == at;

		ssize_t len = pread(fd, chunk, SLOT_CHUNK, data);

		if (len < 0)
			return err_sys(e, "read");
		if (len < SLOT_BLOCK)
			return 0;
		if (zero_chunk(s, chunk, (size_t)len) && pwrite(fd, chunk, (size_t)len, data) != len)
			return err_sys(e, "write");
		at = data + len;
	}
}

int slots_zero(const char *disk, uint64_t n, uint64_t size, struct err *e)
{
	FD_AUTO fd = open(disk, O_RDWR | O_CLOEXEC);
	struct search s = { 0 };

	if (fd < 0)
		return err_sys(e, "open %s", disk);
	char *chunk = malloc(SLOT_CHUNK);
	if (!chunk)
		return err_sys(e, "%s", disk);
	make_pattern(s.pattern);

	int result = zero_all(&s, fd, chunk, e);

	free(chunk);
	if (result < 0)
		return err_wrap(e, "%s", disk);
	if (s.found != n * size / SLOT_BLOCK)
		return err_say(e, "%s: %llu of %llu blocks of the save slots are there", disk,
		               (unsigned long long)s.found, (unsigned long long)(n * size / SLOT_BLOCK));
	if (s.runs > n)
		return err_say(e, "%s: a save slot lies in pieces", disk);
	return 0;
}
