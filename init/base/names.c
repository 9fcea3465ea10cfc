#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "dir.h"

int names_add_span(struct names *list, struct span name, struct err *e)
{
	if (array_grow(&list->at, list->n, &list->room, sizeof *list->at) < 0)
		return err_sys(e, "list of names");
	list->at[list->n] = strndup(name.at, name.len);
	if (!list->at[list->n])
		return err_sys(e, "list of names");
	list->n++;
	return 0;
}

int names_add(struct names *list, const char *name, struct err *e)
{
	return names_add_span(list, span_of(name), e);
}

bool names_has(const struct names *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i], name) == 0)
			return true;
	return false;
}

int names_add_new(struct names *list, const char *name, struct err *e)
{
	if (names_has(list, name))
		return 0;
	return names_add(list, name, e) < 0 ? -1 : 1;
}

int names_read(struct names *list, int dir, struct err *e)
{
	DIR *d = dir_list(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	int result = 0;

	if (!d)
		return err_sys(e, "open directory");
	for (const struct dirent *entry; result == 0 && (entry = dir_next(d));)
		result = names_add(list, entry->d_name, e);
	if (result == 0 && errno)
		result = err_sys(e, "read directory");
	closedir(d);
	names_sort(list);
	return result;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void names_sort(struct names *list)
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof *list->at, by_bytes);
}

void names_unite(struct names *list)
{
	size_t kept = 0;

	names_sort(list);
	for (size_t i = 0; i < list->n; i++)
		if (kept && strcmp(list->at[i], list->at[kept - 1]) == 0)
			free(list->at[i]);
		else
			list->at[kept++] = list->at[i];
	list->n = kept;
}

void names_drop(struct names *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct names){ 0 };
}
