/* fd: a descriptor is owned by exactly one variable.
 *
 * FD_AUTO closes its descriptor when the scope ends. fd_take moves it out, to
 * a return value or a struct member, and leaves -1 behind. A plain `int fd`
 * parameter is borrowed: the callee neither closes nor keeps it.  */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define FD_AUTO __attribute__((cleanup(fd_drop))) int

void fd_drop(int *fd); /* closes unless -1, keeps errno, leaves -1 */
int fd_take(int *fd);  /* returns *fd and leaves -1 */

/* Reads until `len` bytes or end of file; EINTR is retried. Returns the count
 * (short only at end of file), or -1 with errno set. */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/* The same from the byte `at` of the file on; its position stays. */
ssize_t fd_pread_full(int fd, void *buf, size_t len, uint64_t at);

/* Writes all `len` bytes; EINTR is retried. 0, or -1 with errno set. */
int fd_write_full(int fd, const void *buf, size_t len);

/* Opens `path` beneath the directory `dirfd` (AT_FDCWD: the working directory).
 * No symbolic link is followed in any component and `..` can't leave the
 * directory; for names that came from a medium or an archive. openat2(2).
 * O_CLOEXEC is added. Returns a descriptor that the caller owns, or -1 with
 * errno (ELOOP: a symbolic link, EXDEV: it would have left). */
int fd_open_beneath(int dirfd, const char *path, int flags, mode_t mode);

/* Whether an open or a stat failed with `code` because nothing of the kind is there;
 * with any other nobody knows. */
bool fd_is_absent(int code);

/* Opens `path` as a process whose root is `dirfd` would: symbolic links are
 * followed, inside. Same returns. */
int fd_open_in_root(int dirfd, const char *path, int flags, mode_t mode);

/* Reads a whole small file, at most `size` - 1 bytes, and terminates it.
 * Returns the length, or -1 with *e naming `path` (also when it is larger). */
ssize_t fd_read_file(int dirfd, const char *path, char *buf, size_t size, struct err *e);

/* A value of a small file of key=value lines (span_value), in buf: 1; 0: no such file, or
 * it has none that fits; -1 with *e. */
int fd_read_value(const char *path, const char *key, char *buf, size_t size, struct err *e);

/* Replaces the contents of `path` (created 0644) with `len` bytes. For tmpfs
 * and kernel files; not durable. 0 or -1 with *e. */
int fd_write_file(int dirfd, const char *path, const void *buf, size_t len, struct err *e);

/* mkdir -p of `path` with `mode`, relative to `dirfd`. Existing directories
 * are kept as they are. 0 or -1 with *e. */
int fd_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e);

#endif
