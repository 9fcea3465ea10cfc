#include "remove.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"

enum { DEPTH_MAX = 256 };

static int open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Empties directories innermost first; the stack holds those on the way down. */
static int remove_directory(int dir, const char *name, int depth, struct err *e)
{
	FD_AUTO fd = open_dir(dir, name);
	struct names names = { 0 };
	int result;

	if (fd < 0)
		return err_sys(e, "open %s", name);
	if (depth == DEPTH_MAX)
		return err_say(e, "%s: more than %d directories deep", name, DEPTH_MAX);
	result = names_read(&names, fd, e);
	for (size_t i = 0; result == 0 && i < names.n; i++) {
		const char *inner = names.at[i];

		if (unlinkat(fd, inner, 0) == 0 || errno == ENOENT)
			continue;
		result = errno == EISDIR || errno == EPERM
		                 ? remove_directory(fd, inner, depth + 1, e)
		                 : err_sys(e, "remove %s", inner);
	}
	names_drop(&names);
	if (result < 0)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT
	               ? err_sys(e, "remove %s", name)
	               : 0;
}

int remove_tree(int dir, const char *name, struct err *e)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return err_sys(e, "remove %s", name);
	return remove_directory(dir, name, 0, e);
}

int remove_contents(int dir, bool (*keep)(void *ctx, const char *name), void *ctx, struct err *e)
{
	struct names names = { 0 };
	int result = names_read(&names, dir, e);

	for (size_t i = 0; result == 0 && i < names.n; i++)
		if (!keep || !keep(ctx, names.at[i]))
			result = remove_tree(dir, names.at[i], e);
	names_drop(&names);
	return result;
}
