#include "sweep.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/dir.h"

enum { DEPTH_MAX = 32 };

struct limits {
	dev_t device;
	const ino_t *keep;
	size_t n;
};

static bool is_kept(const struct limits *l, const struct stat *st)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->keep[i] == st->st_ino)
			return true;
	return st->st_dev != l->device;
}

static void sweep_beneath(int parent, const char *name, const struct limits *l, int depth)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	DIR *d = depth > DEPTH_MAX ? NULL : dir_list(openat(parent, name, flags));

	if (!d)
		return;
	for (const struct dirent *entry; (entry = dir_next(d));) {
		struct stat st;

		if (fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || is_kept(l, &st))
			continue;
		if (S_ISDIR(st.st_mode))
			sweep_beneath(dirfd(d), entry->d_name, l, depth + 1);
		unlinkat(dirfd(d), entry->d_name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0);
	}
	closedir(d);
}

void sweep(int root, const ino_t *keep, size_t n)
{
	struct stat st;
	struct limits l = { .keep = keep, .n = n };

	if (fstat(root, &st) < 0)
		return;
	l.device = st.st_dev;
	sweep_beneath(root, ".", &l, 0);
}
