/* Any text as a save.list: refused with a line's number, or rules that give every
 * path an answer; a directory that holds something kept is always reached.
 *
 * max_len: 300 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../overlay/tar/member.h"
#include "../../init/base/paths.h"
#include "../../overlay/changes/savelist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A path a line against a rule a line is quadratic, a file takes the time of many texts. */
enum { PATHS_MAX = 12, ONE_FILE_IN = 128 };

static void check_path(const struct savelist *l, const char *path)
{
	char above[MEMBER_PATH_MAX];

	if (savelist_kind(l, path) == SAVE_LEAVE)
		return;
	for (strcpy(above, path); strrchr(above, '/');) {
		*strrchr(above, '/') = '\0';
		if (!savelist_reaches(l, above))
			abort();
	}
}

static void check_line(const struct savelist *l, struct span line)
{
	char path[MEMBER_PATH_MAX];
	struct err e;

	if (line.len > 0 && member_path(line.at + 1, line.len - 1, path, &e) == 0 && *path)
		check_path(l, path);
}

static void write_list(int root, const char *path, struct span text)
{
	int fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text.at, text.len) != (ssize_t)text.len)
		abort();
	close(fd);
}

/* The same text as files of a root: as slate's list and as one of the lbu way. */
static void check_files(struct span text)
{
	static int root = -1;
	char name[] = "/dev/shm/fuzz-savelist-XXXXXX"; /* in memory: this is done often */
	struct savelist l;
	struct err e = { 0 };

	if (root < 0) {
		if (!mkdtemp(name) || (root = open(name, O_RDONLY | O_DIRECTORY)) < 0)
			abort();
		if (mkdirat(root, "etc", 0700) < 0 || mkdirat(root, "etc/slate", 0700) < 0 ||
		    mkdirat(root, "etc/lbu", 0700) < 0 || mkdirat(root, "etc/apk", 0700) < 0 ||
		    mkdirat(root, "etc/apk/protected_paths.d", 0700) < 0)
			abort();
	}
	write_list(root, "etc/apk/protected_paths.d/lbu.list", text);
	write_list(root, PATH_SAVE_LIST, text);
	if (savelist_load(&l, root, &e) < 0 && strncmp(e.text, "/etc/", 5) != 0)
		abort();
	savelist_drop(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size }, line;
	struct savelist l;
	struct err e = { 0 };

	if (size > 4096)
		return 0;
	if (size % ONE_FILE_IN == 1 && data[0] == '#')
		check_files(text);
	if (savelist_start(&l, &e) < 0)
		abort();
	if (savelist_add(&l, text, &e) < 0) {
		if (strncmp(e.text, "line ", 5) != 0)
			abort();
	} else {
		for (int i = 0; i < PATHS_MAX && span_line(&text, &line); i++)
			check_line(&l, line);
	}
	savelist_drop(&l);
	return 0;
}
