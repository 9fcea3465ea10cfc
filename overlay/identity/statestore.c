#include "statestore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"

#define NEW_PATH STATEFILE_PATH ".new"

enum { BLOCKS = 2 };

/* Which of the blocks counts, in *at; both empty is no error. */
static int read_blocks(int fd, struct statefile *out, int *at, struct err *e)
{
	char block[STATEFILE_BLOCK];
	bool blank = true;

	*out = (struct statefile){ 0 };
	*at = 1;
	for (int i = 0; i < BLOCKS; i++) {
		struct statefile s;
		ssize_t n = pread(fd, block, sizeof block, (off_t)i * STATEFILE_BLOCK);

		if (n < 0)
			return err_sys(e, "read " STATEFILE_PATH);
		if (n > 0 && block[0])
			blank = false;
		if (n < STATEFILE_BLOCK ||
		    statefile_decode((struct span){ block, sizeof block }, &s, e) < 0 ||
		    s.sequence <= out->sequence)
			continue;
		*out = s;
		*at = i;
	}
	if (out->sequence)
		return 1;
	return blank ? 0 : err_say(e, STATEFILE_PATH ": damaged, no part of it is whole");
}

int statestore_read(int medium, struct statefile *out, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(medium, STATEFILE_PATH, O_RDONLY | O_NONBLOCK, 0);
	int at;

	*out = (struct statefile){ 0 };
	if (fd < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open " STATEFILE_PATH);
	return read_blocks(fd, out, &at, e);
}

/* A new file gets its whole size under a name that nobody looks for: see slotdir.h. */
static int make(int medium, struct err *e)
{
	static const char zeros[BLOCKS * STATEFILE_BLOCK];
	FD_AUTO dir = fd_open_beneath(medium, "slate", O_RDONLY | O_DIRECTORY, 0);
	FD_AUTO fd = fd_open_beneath(medium, NEW_PATH, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);

	if (dir < 0 || fd < 0)
		return err_sys(e, "make " STATEFILE_PATH);
	if (fd_write_full(fd, zeros, sizeof zeros) < 0 || fsync(fd) < 0 || fsync(dir) < 0 ||
	    renameat(medium, NEW_PATH, medium, STATEFILE_PATH) < 0 || fsync(fd) < 0 ||
	    fsync(dir) < 0)
		return err_sys(e, "make " STATEFILE_PATH);
	return 0;
}

static int write_block(int fd, const char block[STATEFILE_BLOCK], int at, struct err *e)
{
	char back[STATEFILE_BLOCK];
	off_t offset = (off_t)at * STATEFILE_BLOCK;
	ssize_t n = pwrite(fd, block, STATEFILE_BLOCK, offset);

	if (n >= 0 && n < STATEFILE_BLOCK)
		return err_say(e, "write " STATEFILE_PATH ": cut short");
	if (n < 0 || fdatasync(fd) < 0)
		return err_sys(e, "write " STATEFILE_PATH);
	posix_fadvise(fd, offset, STATEFILE_BLOCK, POSIX_FADV_DONTNEED);
	if (pread(fd, back, sizeof back, offset) != STATEFILE_BLOCK)
		return err_sys(e, "read " STATEFILE_PATH " back");
	if (memcmp(back, block, sizeof back) != 0)
		return err_say(e, STATEFILE_PATH ": the medium gave back other bytes than were written");
	return 0;
}

int statestore_write(int medium, struct statefile *s, struct err *e)
{
	FD_AUTO fd = fd_open_beneath(medium, STATEFILE_PATH, O_RDWR | O_NONBLOCK, 0);
	char block[STATEFILE_BLOCK];
	struct statefile old;
	struct err damaged;
	int at = 1;

	if (fd < 0 && errno == ENOENT && make(medium, e) == 0)
		fd = fd_open_beneath(medium, STATEFILE_PATH, O_RDWR | O_NONBLOCK, 0);
	else if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0)
		return err_sys(e, "open " STATEFILE_PATH " for writing");
	read_blocks(fd, &old, &at, &damaged);
	s->sequence = (old.sequence > s->sequence ? old.sequence : s->sequence) + 1;
	if (statefile_encode(s, block, e) < 0)
		return -1;
	return write_block(fd, block, (at + 1) % BLOCKS, e);
}
