#include "links.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_FIRST = 64 }; /* a power of two, as every size */

static struct link_cell *cell_of(struct link_cell *cells, size_t size, dev_t dev, ino_t ino)
{
	size_t at = (size_t)(ino * 0x9e3779b97f4a7c15u >> 20) & (size - 1);

	while (cells[at].path && (cells[at].ino != ino || cells[at].dev != dev))
		at = (at + 1) & (size - 1);
	return &cells[at];
}

const char *links_find(const struct links *l, const struct stat *st)
{
	return l->size ? cell_of(l->cells, l->size, st->st_dev, st->st_ino)->path : NULL;
}

static int grow(struct links *l, struct err *e)
{
	size_t size = l->size ? 2 * l->size : SIZE_FIRST;
	struct link_cell *cells = calloc(size, sizeof *cells);

	if (!cells)
		return err_sys(e, "hard links");
	for (size_t i = 0; i < l->size; i++)
		if (l->cells[i].path)
			*cell_of(cells, size, l->cells[i].dev, l->cells[i].ino) = l->cells[i];
	free(l->cells);
	l->cells = cells;
	l->size = size;
	return 0;
}

int links_note(struct links *l, const struct stat *st, const char *path, struct err *e)
{
	if (4 * (l->n + 1) > 3 * l->size && grow(l, e) < 0)
		return -1;

	struct link_cell *cell = cell_of(l->cells, l->size, st->st_dev, st->st_ino);

	if (cell->path)
		return 0;
	cell->path = strdup(path);
	if (!cell->path)
		return err_sys(e, "hard links");
	cell->dev = st->st_dev;
	cell->ino = st->st_ino;
	l->n++;
	return 0;
}

void links_drop(struct links *l)
{
	for (size_t i = 0; i < l->size; i++)
		free(l->cells[i].path);
	free(l->cells);
	*l = (struct links){ 0 };
}
