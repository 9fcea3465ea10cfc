#include "dir.h"

#include <errno.h>
#include <string.h>

#include "fd.h"

DIR *dir_list(int fd)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d)
		fd_drop(&fd);
	return d;
}

const struct dirent *dir_next(DIR *d)
{
	const struct dirent *entry;

	do {
		errno = 0;
		entry = readdir(d);
	} while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry;
}
