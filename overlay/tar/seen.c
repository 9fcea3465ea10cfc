#include "seen.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE_FIRST = 256 }; /* a power of two, as every size */

static void identify(const char *path, size_t len, uint8_t id[16])
{
	crypto_generichash(id, 16, (const unsigned char *)path, len, NULL, 0);
}

/* The cell of `id`, or the free one where it belongs; there is always a free one. */
static struct seen_cell *cell_of(struct seen_cell *cells, size_t size, const uint8_t id[16])
{
	size_t at;

	memcpy(&at, id, sizeof at);
	for (at &= size - 1; cells[at].what && memcmp(cells[at].id, id, 16) != 0;)
		at = (at + 1) & (size - 1);
	return &cells[at];
}

int seen_find(const struct seen *s, const char *path, size_t len)
{
	uint8_t id[16];

	if (s->size == 0)
		return 0;
	identify(path, len, id);
	return cell_of(s->cells, s->size, id)->what;
}

static int grow(struct seen *s, struct err *e)
{
	size_t size = s->size ? 2 * s->size : SIZE_FIRST;
	struct seen_cell *cells = calloc(size, sizeof *cells);

	if (!cells)
		return err_sys(e, "paths");
	for (size_t i = 0; i < s->size; i++)
		if (s->cells[i].what)
			*cell_of(cells, size, s->cells[i].id) = s->cells[i];
	free(s->cells);
	s->cells = cells;
	s->size = size;
	return 0;
}

int seen_add(struct seen *s, const char *path, size_t len, int what, struct err *e)
{
	uint8_t id[16];

	if (4 * (s->n + 1) > 3 * s->size && grow(s, e) < 0)
		return -1;
	identify(path, len, id);

	struct seen_cell *cell = cell_of(s->cells, s->size, id);

	if (cell->what)
		return cell->what;
	s->n++;
	memcpy(cell->id, id, sizeof id);
	cell->what = (uint8_t)what;
	return 0;
}

void seen_drop(struct seen *s)
{
	free(s->cells);
	*s = (struct seen){ 0 };
}
