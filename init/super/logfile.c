#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/fd.h"

void logfile_init(struct logfile *f, int dir, const char *unit)
{
	*f = (struct logfile){ .dir = dir, .fd = -1 };
	snprintf(f->name, sizeof f->name, "%.255s.log", unit);
}

void logfile_close(struct logfile *f)
{
	fd_drop(&f->fd);
}

static void old_name(const struct logfile *f, char *name, size_t size)
{
	snprintf(name, size, "%s.1", f->name);
}

static void rotate(struct logfile *f)
{
	char old[sizeof f->name + 2];

	fd_drop(&f->fd);
	old_name(f, old, sizeof old);
	renameat(f->dir, f->name, f->dir, old);
}

static bool is_open(struct logfile *f)
{
	struct stat st;

	if (f->fd >= 0)
		return true;
	f->fd = openat(f->dir, f->name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return false;
	f->size = (uint64_t)st.st_size;
	return true;
}

/* All or nothing, so that a full file system leaves no half record. */
static bool write_whole(struct logfile *f, const char *bytes, size_t len)
{
	ssize_t n;

	if (!is_open(f))
		return false;
	do
		n = write(f->fd, bytes, len);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len) {
		f->size += len;
		return true;
	}
	if (n > 0 && ftruncate(f->fd, (off_t)f->size) < 0)
		f->size += (uint64_t)n;
	return false;
}

static void say_lost(struct logfile *f)
{
	char text[64];
	int len = snprintf(text, sizeof text, "(%" PRIu64 " records lost: no room)\n", f->lost);

	if (write_whole(f, text, (size_t)len))
		f->lost = 0;
}

void logfile_append(struct logfile *f, const char *bytes, size_t len, unsigned records)
{
	char old[sizeof f->name + 2];

	if (is_open(f) && f->size + len > LOGFILE_MAX)
		rotate(f);
	if (f->lost)
		say_lost(f);
	if (write_whole(f, bytes, len))
		return;
	old_name(f, old, sizeof old);
	if (unlinkat(f->dir, old, 0) == 0 && write_whole(f, bytes, len))
		return;
	f->lost += records;
}
