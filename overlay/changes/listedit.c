#include "listedit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../tar/member.h"

int listedit_read(int root, const char *list, char **text, size_t *len, struct err *e)
{
	FD_AUTO fd = fd_open_in_root(root, list, O_RDONLY | O_NONBLOCK, 0);
	ssize_t n = 0;

	*text = NULL;
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return err_sys(e, "open /%s", list);
	*text = malloc(SAVELIST_FILE_MAX);
	if (!*text)
		return err_sys(e, "/%s", list);
	if (fd >= 0)
		n = fd_read_full(fd, *text, SAVELIST_FILE_MAX);
	if (n < 0)
		return err_sys(e, "read /%s", list);
	if (n == SAVELIST_FILE_MAX)
		return err_say(e, "/%s: larger than %d KiB", list, SAVELIST_FILE_MAX / 1024);
	(*text)[n] = '\0';
	*len = (size_t)n;
	return 0;
}

/* Written beside and renamed: another program never reads half a list. */
static int replace(int dir, const char *name, const char *text, size_t len, struct err *e)
{
	char new[NAME_MAX + 1];
	struct stat st = { .st_mode = 0644 };

	snprintf(new, sizeof new, ".%.240s.new", name);
	fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
	unlinkat(dir, new, 0);

	FD_AUTO fd = openat(dir, new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "create %s", new);
	if (fd_write_full(fd, text, len) < 0 || fchmod(fd, st.st_mode & 07777) < 0 ||
	    fchown(fd, st.st_uid, st.st_gid) < 0 || renameat(dir, new, dir, name) < 0) {
		err_sys(e, "write %s", name);
		unlinkat(dir, new, 0);
		return -1;
	}
	return 0;
}

static int write_list(int root, const char *list, const char *text, size_t len, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(list, above);

	if (fd_mkdirs(root, above, 0755, e) < 0)
		return -1;

	FD_AUTO dir = fd_open_in_root(root, above, O_RDONLY | O_DIRECTORY, 0);

	if (dir < 0)
		return err_sys(e, "open /%s", above);
	return replace(dir, name, text, len, e);
}

static bool is_line_of(struct span line, const char *path, enum save_kind kind, bool any_kind)
{
	enum save_kind its;
	struct span its_path;
	struct err ignored;

	return savelist_line(line, &its, &its_path, &ignored) > 0 && span_is(its_path, path) &&
	       (any_kind || its == kind);
}

/* Copies the lines that stay; returns how many went. */
static int copy_lines(struct span text, char *into, size_t *fill, const char *path,
                      enum save_kind kind, bool any_kind)
{
	struct span line;
	int dropped = 0;

	while (span_line(&text, &line)) {
		if (is_line_of(line, path, kind, any_kind)) {
			dropped++;
			continue;
		}
		memcpy(into + *fill, line.at, line.len);
		*fill += line.len;
		into[(*fill)++] = '\n';
	}
	return dropped;
}

int listedit(int root, const char *list, enum listedit_action action, enum save_kind kind,
             const char *path, struct err *e)
{
	char *old = NULL, *new = malloc(SAVELIST_FILE_MAX + MEMBER_PATH_MAX + 4);
	size_t len, fill = 0;
	int changed = -1;

	if (!new)
		return err_sys(e, "/%s", list);
	if (listedit_read(root, list, &old, &len, e) == 0) {
		changed = copy_lines((struct span){ old, len }, new, &fill, path, kind,
		                     action == LISTEDIT_ADD);
		if (action == LISTEDIT_ADD) {
			fill += (size_t)sprintf(new + fill, "%c%s\n", kind == SAVE_KEEP ? '+' : '-',
			                        path);
			changed = 1;
		}
		if (changed > 0 && write_list(root, list, new, fill, e) < 0)
			changed = -1;
	}
	free(old);
	free(new);
	return changed;
}
