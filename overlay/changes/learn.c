#include "learn.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../../init/base/array.h"
#include "../tar/member.h"

static bool is_worth(const struct learn_found *f)
{
	return f->class <= CLASS_DATA;
}

int learn_note(struct learn *l, const char *path, uint64_t bytes, size_t fresh, struct err *e)
{
	if (array_grow(&l->found, l->n, &l->size, sizeof *l->found) < 0)
		return err_sys(e, "list of changes");

	struct learn_found *f = &l->found[l->n];

	*f = (struct learn_found){ .path = strdup(path), .bytes = bytes, .fresh = fresh };
	if (!f->path)
		return err_sys(e, "list of changes");
	f->class = class_find(path, &f->front);
	l->worth += is_worth(f);
	l->n++;
	return 0;
}

/* The order of a walk through the tree: what is in a directory comes before its
 * neighbours. */
static int compare_paths(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;

	int mine = *a == '/' ? 1 : (unsigned char)*a + !!*a;
	int its = *b == '/' ? 1 : (unsigned char)*b + !!*b;

	return mine - its;
}

/* The length of the directory's path; 0: it lies in the root. */
static size_t above(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

static int by_directory(const void *a, const void *b)
{
	const struct learn_line *x = a, *y = b;
	size_t mine = above(x->path), its = above(y->path);
	int order = strncmp(x->path, y->path, mine < its ? mine : its);

	if (order == 0 && mine != its)
		return mine < its ? -1 : 1;
	return order ? order : strcmp(x->path, y->path);
}

static int by_path(const void *a, const void *b)
{
	return compare_paths(((const struct learn_line *)a)->path,
	                     ((const struct learn_line *)b)->path);
}

static void merge(struct learn_line *into, const struct learn_line *from)
{
	into->files += from->files;
	into->bytes += from->bytes;
	if (from->class < into->class)
		into->class = from->class;
}

static void drop_line(struct learn_line *line)
{
	free(line->path);
	line->path = NULL;
}

/* There is room for one line a path that was found. */
static int add_line(struct learn *l, enum save_kind kind, const struct learn_found *f, size_t len,
                    struct err *e)
{
	const struct learn_line line = { kind, strndup(f->path, len), 1, f->bytes, f->class };
	struct learn_line *last = l->n_lines ? &l->lines[l->n_lines - 1] : NULL;

	if (!line.path)
		return err_sys(e, "proposals");
	if (last && last->kind == kind && strcmp(last->path, line.path) == 0) {
		merge(last, &line);
		free(line.path);
		return 0;
	}
	l->lines[l->n_lines++] = line;
	return 0;
}

static int add_worthy(struct learn *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++)
		if (is_worth(&l->found[i]) &&
		    add_line(l, SAVE_KEEP, &l->found[i], l->found[i].fresh, e) < 0)
			return -1;
	return 0;
}

/* How many of the lines from `first` on are directly in one directory. */
static size_t count_neighbours(const struct learn *l, size_t first)
{
	const char *path = l->lines[first].path;
	size_t len = above(path), n = 1;

	while (first + n < l->n_lines && above(l->lines[first + n].path) == len &&
	       strncmp(l->lines[first + n].path, path, len) == 0)
		n++;
	return n;
}

static void join_neighbours(struct learn *l)
{
	size_t out = 0;

	qsort(l->lines, l->n_lines, sizeof *l->lines, by_directory);
	for (size_t i = 0, n; i < l->n_lines; i += n) {
		struct learn_line *line = &l->lines[i];
		size_t len = above(line->path);

		n = count_neighbours(l, i);
		if (len > 0 && n > LEARN_APART) {
			line->path[len] = '\0';
			for (size_t j = 1; j < n; j++) {
				merge(line, &line[j]);
				drop_line(&line[j]);
			}
			l->lines[out++] = *line;
		} else {
			memmove(&l->lines[out], line, n * sizeof *line);
			out += n;
		}
	}
	l->n_lines = out;
}

static void drop_nested(struct learn *l)
{
	size_t out = 0;

	qsort(l->lines, l->n_lines, sizeof *l->lines, by_path);
	for (size_t i = 0; i < l->n_lines; i++) {
		struct learn_line *line = &l->lines[i];

		if (out > 0 && member_is_below(line->path, l->lines[out - 1].path)) {
			merge(&l->lines[out - 1], line);
			drop_line(line);
		} else {
			l->lines[out++] = *line;
		}
	}
	l->n_lines = out;
}

/* Both the lines and what was found are in the order of the tree. */
static int add_exceptions(struct learn *l, const struct learn_line *kept, size_t n, struct err *e)
{
	size_t i = 0;

	for (size_t k = 0; k < n; k++) {
		const char *path = kept[k].path;

		l->lines[l->n_lines] = kept[k];
		l->lines[l->n_lines].path = strdup(path);
		if (!l->lines[l->n_lines++].path)
			return err_sys(e, "proposals");
		while (i < l->n && compare_paths(l->found[i].path, path) < 0)
			i++;
		for (; i < l->n && member_is_below(l->found[i].path, path); i++)
			if (!is_worth(&l->found[i]) && l->found[i].front > strlen(path) &&
			    add_line(l, SAVE_LEAVE, &l->found[i], l->found[i].front, e) < 0)
				return -1;
	}
	return 0;
}

static int make_lines(struct learn *l, struct err *e)
{
	if (add_worthy(l, e) < 0)
		return -1;
	join_neighbours(l);
	drop_nested(l);

	struct learn_line *kept = l->lines;
	size_t n = l->n_lines;
	int result = -1;

	l->n_lines = 0;
	/* at most a line for each that is kept, and one for each that was found */
	l->lines = calloc(n + l->n, sizeof *l->lines);
	if (l->lines || n + l->n == 0)
		result = add_exceptions(l, kept, n, e);
	else
		err_sys(e, "proposals");
	for (size_t i = 0; i < n; i++)
		drop_line(&kept[i]);
	free(kept);
	return result;
}

int learn_propose(struct learn *l, struct err *e)
{
	l->lines = calloc(l->n ? l->n : 1, sizeof *l->lines);
	if (!l->lines)
		return err_sys(e, "proposals");
	if (make_lines(l, e) < 0)
		return -1;
	for (size_t i = 0; i < l->n_lines; i++)
		for (char *at = l->lines[i].path; (at = strchr(at, '['));)
			*at = '?';
	return 0;
}

void learn_drop(struct learn *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->found[i].path);
	for (size_t i = 0; i < l->n_lines; i++)
		free(l->lines[i].path);
	free(l->found);
	free(l->lines);
	*l = (struct learn){ 0 };
}
