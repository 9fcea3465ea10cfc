#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/command.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/span.h"
#include "tell.h"
#include "verbs.h"

#define TAIL_BYTES (256 * 1024)

static void full_name(const char *unit, char *name, size_t size)
{
	snprintf(name, size, "%s%s", unit, strchr(unit, '.') ? "" : ".service");
}

static int open_log(const char *unit, const char *suffix)
{
	char path[600];

	snprintf(path, sizeof path, "%s/%s.log%s", PATH_LOG, unit, suffix);
	return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* The end of the file, at most `size` bytes, from the beginning of a line. */
static size_t read_tail(int fd, char *buf, size_t size)
{
	struct stat st;
	off_t from;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	from = st.st_size > (off_t)size ? st.st_size - (off_t)size : 0;
	if (lseek(fd, from, SEEK_SET) < 0 || (len = fd_read_full(fd, buf, size)) <= 0)
		return 0;
	if (from == 0)
		return (size_t)len;

	char *line = memchr(buf, '\n', (size_t)len);
	size_t skip = line ? (size_t)(line + 1 - buf) : 0;

	memmove(buf, buf + skip, (size_t)len - skip);
	return (size_t)len - skip;
}

/* The last `lines` lines of `len` bytes: where they begin. */
static size_t last_lines(const char *buf, size_t len, unsigned lines)
{
	size_t at = len;

	while (at > 0) {
		if (at < len && buf[at - 1] == '\n' && lines-- == 1)
			return at;
		at--;
	}
	return 0;
}

static void print_lines(const char *buf, size_t len, const char *indent)
{
	struct span rest = { buf, len }, line;

	while (span_line(&rest, &line))
		printf("%s%.*s\n", indent, SPAN_ARGS(line));
}

void log_tail(const char *unit, unsigned lines, const char *indent)
{
	static char buf[8192];
	char name[300];

	full_name(unit, name, sizeof name);

	FD_AUTO fd = open_log(name, "");
	size_t len = read_tail(fd, buf, sizeof buf);
	size_t from = last_lines(buf, len, lines);

	print_lines(buf + from, len - from, indent);
	fflush(stdout);
}

/* Both files, the older first, so that a rotation just now hides nothing. */
static int print_log(const char *name, unsigned lines)
{
	FD_AUTO old = open_log(name, ".1");
	FD_AUTO now = open_log(name, "");
	char *buf = malloc(2 * TAIL_BYTES);
	size_t len, from;

	if (!buf || (old < 0 && now < 0)) {
		free(buf);
		return -1;
	}
	len = read_tail(old, buf, TAIL_BYTES);
	len += read_tail(now, buf + len, TAIL_BYTES);
	from = lines ? last_lines(buf, len, lines) : 0;
	print_lines(buf + from, len - from, "");
	fflush(stdout);
	free(buf);
	return 0;
}

static void copy_rest(int fd)
{
	char buf[8192];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		fwrite(buf, 1, (size_t)n, stdout);
	fflush(stdout);
}

static bool is_replaced(int fd, const char *name)
{
	FD_AUTO now = open_log(name, "");
	struct stat a, b;

	return now >= 0 && (fd < 0 || (fstat(fd, &a) == 0 && fstat(now, &b) == 0 && a.st_ino != b.st_ino));
}

static int follow(const char *name)
{
	FD_AUTO notify = inotify_init1(IN_CLOEXEC);
	FD_AUTO fd = open_log(name, "");
	char events[4096];

	if (notify < 0 || inotify_add_watch(notify, PATH_LOG, IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return -1;
	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	while (!ferror(stdout)) {
		if (read(notify, events, sizeof events) < 0 && errno != EINTR)
			return -1;
		if (fd >= 0)
			copy_rest(fd);
		if (is_replaced(fd, name)) {
			fd_drop(&fd);
			fd = open_log(name, "");
			copy_rest(fd);
		}
	}
	return 0;
}

int ctl_log(int argc, char **argv)
{
	bool following = false;
	unsigned lines = 0;
	char name[300];
	int units = 0, status = COMMAND_DONE;

	/* options may stand before or after the units, which are moved together */
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0)
			following = true;
		else if (strncmp(argv[i], "-n", 2) == 0 && (argv[i][2] || i + 1 < argc))
			lines = (unsigned)atoi(argv[i][2] ? argv[i] + 2 : argv[++i]);
		else if (argv[i][0] == '-')
			return tell_usage(argv[0]);
		else
			argv[1 + units++] = argv[i];
	}
	if (units == 0 || (following && units > 1))
		return tell_usage(argv[0]);
	for (int i = 1; i <= units; i++) {
		full_name(argv[i], name, sizeof name);
		if (print_log(name, following && !lines ? 10 : lines) < 0 && !following) {
			fprintf(stderr, "slate: log: %s has written nothing\n", name);
			status = COMMAND_FAILED;
		}
	}
	return following && follow(name) < 0 ? COMMAND_FAILED : status;
}
