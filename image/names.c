#include "names.h"

#include <stdlib.h>
#include <string.h>

int names_add(struct names *list, const char *name, struct err *e)
{
	if (list->n == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		char **at = realloc(list->at, room * sizeof *at);

		if (!at)
			return err_sys(e, "list of names");
		list->at = at;
		list->room = room;
	}
	list->at[list->n] = strdup(name);
	if (!list->at[list->n])
		return err_sys(e, "list of names");
	list->n++;
	return 0;
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

static int by_text(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;

	return strcmp(*left, *right);
}

void names_sort(struct names *list)
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof *list->at, by_text);
}

void names_free(struct names *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct names){ 0 };
}
