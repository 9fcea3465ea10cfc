#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/dir.h"

static int add(struct names *names, size_t *size, const char *name)
{
	if (names->n == *size) {
		size_t more = *size ? 2 * *size : 32;
		char **at = reallocarray(names->at, more, sizeof *at);

		if (!at)
			return -1;
		names->at = at;
		*size = more;
	}
	names->at[names->n] = strdup(name);
	return names->at[names->n] ? (int)names->n++ : -1;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int names_read(struct names *names, int dir, struct err *e)
{
	DIR *d = dir_list(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	size_t size = 0;
	int result = 0;

	*names = (struct names){ 0 };
	if (!d)
		return err_sys(e, "open directory");
	for (const struct dirent *entry; (entry = dir_next(d));)
		if (add(names, &size, entry->d_name) < 0)
			break;
	if (errno)
		result = err_sys(e, "read directory");
	closedir(d);
	if (names->n)
		qsort(names->at, names->n, sizeof *names->at, by_bytes);
	return result;
}

void names_drop(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->at[i]);
	free(names->at);
	*names = (struct names){ 0 };
}
