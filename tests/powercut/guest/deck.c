#include "deck.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../../init/base/bytes.h"
#include "../../../init/base/fd.h"

enum { BASE = 16, STATE = 32, EXTENT = 24 };

static uint64_t number(const struct deck *d, uint64_t at)
{
	return le64_get(d->bytes + at);
}

int deck_open(struct deck *d, const char *device, struct err *e)
{
	FD_AUTO fd = open(device, O_RDONLY | O_CLOEXEC);
	off_t len = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	*d = (struct deck){ 0 };
	if (len < 0)
		return err_sys(e, "open %s", device);
	d->len = (size_t)len;
	d->bytes = mmap(NULL, d->len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (d->bytes == MAP_FAILED)
		return err_sys(e, "map %s", device);
	if (memcmp(d->bytes, "POWERCUT", 8) != 0)
		return err_say(e, "%s: not a deck", device);
	d->medium = number(d, 8);
	d->bases = number(d, 16);
	d->states = number(d, 24);
	d->n_states = number(d, 32);
	d->extents = number(d, 40);
	d->payload = number(d, 48);
	memcpy(d->fstype, d->bytes + 56, 16);
	memcpy(d->sequence, d->bytes + 72, 16);
	return 0;
}

static int punch(int image, off_t offset, off_t len, struct err *e)
{
	if (fallocate(image, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, len) < 0)
		return err_sys(e, "punch a hole into the image");
	return 0;
}

static int put_extents(const struct deck *d, uint64_t first, uint64_t count, int image,
                       struct err *e)
{
	for (uint64_t at = d->extents + first * EXTENT; count > 0; count--, at += EXTENT) {
		off_t offset = (off_t)number(d, at);
		size_t len = (size_t)number(d, at + 8);
		uint64_t bytes = number(d, at + 16);

		if (bytes == 0) {
			if (punch(image, offset, (off_t)len, e) < 0)
				return -1;
		} else if (pwrite(image, d->bytes + bytes, len, offset) != (ssize_t)len) {
			return err_sys(e, "write the image");
		}
	}
	return 0;
}

bool deck_is_to_fill(const struct deck *d, uint64_t i)
{
	return number(d, d->states + i * STATE + 24) != 0;
}

int deck_size(const struct deck *d, int image, struct err *e)
{
	return ftruncate(image, (off_t)d->medium) < 0 ? err_sys(e, "size the image") : 0;
}

int deck_lay_out(const struct deck *d, uint64_t i, int image, struct err *e)
{
	uint64_t state = d->states + i * STATE, base = d->bases + number(d, state) * BASE;

	if (punch(image, 0, (off_t)d->medium, e) < 0)
		return -1;
	if (put_extents(d, number(d, base), number(d, base + 8), image, e) < 0)
		return -1;
	return put_extents(d, number(d, state + 8), number(d, state + 16), image, e);
}
