#include "fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "span.h"

void fd_drop(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* `at` NULL: from the descriptor's own position on. */
static ssize_t read_full(int fd, char *buf, size_t len, const uint64_t *at)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = at ? pread(fd, buf + got, len - got, (off_t)(*at + got))
		               : read(fd, buf + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

ssize_t fd_read_full(int fd, void *buf, size_t len)
{
	return read_full(fd, buf, len, NULL);
}

ssize_t fd_pread_full(int fd, void *buf, size_t len, uint64_t at)
{
	return read_full(fd, buf, len, &at);
}

int fd_write_full(int fd, const void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, (const char *)buf + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

static int open_resolved(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0,
		.resolve = resolve,
	};
	long fd;

	/* EAGAIN: a rename elsewhere raced with the walk; the kernel asks to retry */
	do
		fd = syscall(SYS_openat2, dirfd, path, &how, sizeof how);
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return (int)fd;
}

int fd_open_beneath(int dirfd, const char *path, int flags, mode_t mode)
{
	return open_resolved(dirfd, path, flags, mode,
	                     RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

bool fd_is_absent(int code)
{
	return code == ENOENT || code == ENOTDIR || code == ELOOP || code == EXDEV;
}

int fd_open_in_root(int dirfd, const char *path, int flags, mode_t mode)
{
	return open_resolved(dirfd, path, flags, mode, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
}

ssize_t fd_read_file(int dirfd, const char *path, char *buf, size_t size, struct err *e)
{
	FD_AUTO fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return err_sys(e, "open %s", path);

	ssize_t len = fd_read_full(fd, buf, size);

	if (len < 0)
		return err_sys(e, "read %s", path);
	if ((size_t)len == size)
		return err_say(e, "%s: larger than %zu bytes", path, size - 1);
	buf[len] = '\0';
	return len;
}

int fd_read_value(const char *path, const char *key, char *buf, size_t size, struct err *e)
{
	char text[4096];
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, e);
	struct span value;

	if (len < 0)
		return e->code == ENOENT ? 0 : -1;
	value = span_value((struct span){ text, (size_t)len }, key);
	return value.at && span_copy(value, buf, size);
}

int fd_write_file(int dirfd, const char *path, const void *buf, size_t len, struct err *e)
{
	FD_AUTO fd = openat(dirfd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (fd_write_full(fd, buf, len) < 0)
		return err_sys(e, "write %s", path);
	return 0;
}

int fd_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof part)
		return err_say(e, "%s: path too long", path);
	memcpy(part, path, len + 1);
	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdirat(dirfd, part, mode) < 0 && errno != EEXIST)
			return err_sys(e, "mkdir %s", part);
		part[i] = path[i];
	}
	return 0;
}
