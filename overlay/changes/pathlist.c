#include "pathlist.h"

#include <stdlib.h>
#include <string.h>

int pathlist_add(struct pathlist *l, const char *text, size_t len, struct err *e)
{
	if (l->n == l->size) {
		size_t size = l->size ? 2 * l->size : 64;
		char **at = reallocarray(l->at, size, sizeof *at);

		if (!at)
			return err_sys(e, "list of paths");
		l->at = at;
		l->size = size;
	}
	l->at[l->n] = strndup(text, len);
	if (!l->at[l->n])
		return err_sys(e, "list of paths");
	l->n++;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void pathlist_unite(struct pathlist *l)
{
	size_t kept = 0;

	if (l->n)
		qsort(l->at, l->n, sizeof *l->at, by_bytes);
	for (size_t i = 0; i < l->n; i++)
		if (kept && strcmp(l->at[i], l->at[kept - 1]) == 0)
			free(l->at[i]);
		else
			l->at[kept++] = l->at[i];
	l->n = kept;
}

void pathlist_drop(struct pathlist *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->at[i]);
	free(l->at);
	*l = (struct pathlist){ 0 };
}
