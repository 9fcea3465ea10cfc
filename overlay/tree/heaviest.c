#include "heaviest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../tar/member.h"

enum { DUE_PERCENT = 80, PERCENT = 100, BLOCK = 512 };

bool heaviest_is_due(uint64_t used, uint64_t limit)
{
	return limit && used >= limit / PERCENT * DUE_PERCENT;
}

static int add_below(int dir, unsigned depth, struct heaviest *sum, struct err *e);

/* A file of several names counts for each a part. */
static int add(int dir, const char *name, unsigned depth, struct heaviest *sum, struct err *e)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fd_is_absent(errno) ? 0 : err_sys(e, "%s", name);
	sum->bytes += (uint64_t)st.st_blocks * BLOCK /
	              (S_ISDIR(st.st_mode) || st.st_nlink < 1 ? 1 : (uint64_t)st.st_nlink);
	sum->files++;
	if (!S_ISDIR(st.st_mode) || depth == MEMBER_DEPTH_MAX)
		return 0;

	FD_AUTO below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (below < 0)
		return fd_is_absent(errno) ? 0 : err_sys(e, "%s", name);
	return add_below(below, depth + 1, sum, e);
}

static int add_below(int dir, unsigned depth, struct heaviest *sum, struct err *e)
{
	struct names names = { 0 };
	int result = names_read(&names, dir, e);

	for (size_t i = 0; result == 0 && i < names.n; i++)
		result = add(dir, names.at[i], depth, sum, e);
	names_drop(&names);
	return result;
}

int heaviest_find(int top, bool by_files, struct heaviest *out, struct err *e)
{
	struct names names = { 0 };
	int result = names_read(&names, top, e);

	*out = (struct heaviest){ 0 };
	for (size_t i = 0; result == 0 && i < names.n; i++) {
		struct heaviest one = { 0 };

		snprintf(one.name, sizeof one.name, "%s", names.at[i]);
		result = add(top, names.at[i], 1, &one, e);
		if (result == 0 && (by_files ? one.files > out->files : one.bytes > out->bytes))
			*out = one;
	}
	names_drop(&names);
	return result;
}
