#include "given.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../../init/base/span.h"
#include "changes.h"

/* All of a print, without blanks. */
enum { MARK_MAX = 64 + 4 * MANIFEST_DIGEST };

/* --- A mark --- */

static int read_opaque(int upper, const char *path, struct print *p, struct err *e)
{
	FD_AUTO dir = fd_open_beneath(upper, path, O_RDONLY | O_DIRECTORY, 0);
	int opaque = dir < 0 ? err_sys(e, "%s: open", path) : disk_is_opaque(dir, path, e);

	p->opaque = opaque > 0;
	return opaque < 0 ? -1 : 0;
}

/* 1: *mark is what stands at `path` in the upper directory; 0: nothing does; -1 with *e. */
static int mark_at(int upper, const char *path, struct disk *d, char mark[MARK_MAX], struct err *e)
{
	char content[2 * MANIFEST_DIGEST + 1], xattrs[2 * MANIFEST_DIGEST + 1];
	struct print p;

	if (print_at(upper, path, d, &p, e) < 0)
		return -1;
	if (p.type == MEMBER_NONE)
		return 0;
	if (p.type == MEMBER_DIRECTORY && read_opaque(upper, path, &p, e) < 0)
		return -1;
	sodium_bin2hex(content, sizeof content, p.content, sizeof p.content);
	sodium_bin2hex(xattrs, sizeof xattrs, p.xattrs, sizeof p.xattrs);
	snprintf(mark, MARK_MAX, "%d:%d:%o:%u:%u:%llx:%s:%s", (int)p.type, p.opaque, p.mode, p.uid,
	         p.gid, (unsigned long long)p.size, content, xattrs);
	return 1;
}

/* --- In the running system --- */

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct given_path *)a)->path, ((const struct given_path *)b)->path);
}

/* The whole of a file, terminated, from malloc; NULL with *e. */
static char *read_whole(int fd, size_t *len, struct err *e)
{
	struct stat st;
	char *text = fstat(fd, &st) < 0 ? NULL : malloc((size_t)st.st_size + 1);
	ssize_t n = text ? fd_pread_full(fd, text, (size_t)st.st_size, 0) : -1;

	if (n < 0) {
		err_sys(e, "read what the boot has given");
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

static int take_lines(struct given *g, struct err *e)
{
	char *line = g->text, *end;

	g->at = calloc(count_lines(g->text) + 1, sizeof *g->at);
	if (!g->at)
		return err_sys(e, "read what the boot has given");
	for (; (end = strchr(line, '\n')); line = end + 1) {
		char *blank = memchr(line, ' ', (size_t)(end - line));

		*end = '\0';
		if (!blank)
			continue;
		*blank = '\0';
		g->at[g->n++] = (struct given_path){ blank + 1, line };
	}
	if (g->n)
		qsort(g->at, g->n, sizeof *g->at, by_path);
	return 0;
}

int given_read(struct given *g, const char *list, int upper, struct err *e)
{
	FD_AUTO fd = list ? open(list, O_RDONLY | O_CLOEXEC) : -1;
	size_t len;

	*g = (struct given){ .upper = upper };
	if (!list || upper < 0 || (fd < 0 && (errno == ENOENT || errno == EACCES)))
		return 0;
	if (fd < 0)
		return err_sys(e, "open %s", list);
	g->text = read_whole(fd, &len, e);
	return g->text ? take_lines(g, e) : -1;
}

static const struct given_path *find(const struct given *g, const char *path)
{
	const struct given_path key = { path, NULL };

	return g && g->n ? bsearch(&key, g->at, g->n, sizeof *g->at, by_path) : NULL;
}

bool given_has(const struct given *g, const char *path)
{
	return find(g, path);
}

int given_is_untouched(const struct given *g, const char *path, struct err *e)
{
	const struct given_path *found = find(g, path);
	struct disk d = { .fd = -1 };
	char mark[MARK_MAX];
	int there;

	if (!found)
		return 0;
	there = mark_at(g->upper, path, &d, mark, e);
	disk_drop(&d);
	return there <= 0 ? there : strcmp(mark, found->mark) == 0;
}

void given_drop(struct given *g)
{
	free(g->text);
	free(g->at);
	g->text = NULL;
	g->at = NULL;
	g->n = 0;
}

/* --- At boot --- */

static int note_one(int names, const char *path, size_t len, struct err *e)
{
	char line[MEMBER_PATH_MAX + 1];

	if (len >= MEMBER_PATH_MAX)
		return err_say(e, "%.60s…: the name is too long", path);
	memcpy(line, path, len);
	line[len] = '\n';
	return fd_write_full(names, line, len + 1) < 0 ? err_sys(e, "note %s", path) : 0;
}

int given_note(int names, int root, const char *path, struct err *e)
{
	char above[MEMBER_PATH_MAX];

	if (note_one(names, path, strlen(path), e) < 0)
		return -1;
	for (strcpy(above, path); strrchr(above, '/');) {
		*strrchr(above, '/') = '\0';

		FD_AUTO dir = fd_open_beneath(root, above, O_PATH, 0);

		if (dir >= 0)
			return 0;
		if (note_one(names, above, strlen(above), e) < 0)
			return -1;
	}
	return 0;
}

static int read_names(int names, struct names *paths, struct err *e)
{
	size_t len;
	char *text = read_whole(names, &len, e);
	struct span all = { text, len }, line;
	int result = text ? 0 : -1;

	while (result == 0 && span_line(&all, &line))
		result = names_add_span(paths, line, e);
	free(text);
	names_unite(paths);
	return result;
}

static int write_marks(int to, const struct names *paths, int upper, struct err *e)
{
	char mark[MARK_MAX], line[MARK_MAX + MEMBER_PATH_MAX + 2];
	struct disk d = { .fd = -1 };
	int there = 0;

	for (size_t i = 0; there >= 0 && i < paths->n; i++) {
		there = mark_at(upper, paths->at[i], &d, mark, e);
		if (there <= 0)
			continue;

		int len = snprintf(line, sizeof line, "%s %s\n", mark, paths->at[i]);

		if (fd_write_full(to, line, (size_t)len) < 0)
			there = err_sys(e, "write");
	}
	disk_drop(&d);
	return there < 0 ? -1 : 0;
}

/* Root's alone: a digest tells a short secret to whoever tries them all. */
int given_write(const char *list, int names, int upper, struct err *e)
{
	FD_AUTO to = open(list, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct names paths = { 0 };
	int result = to < 0 ? err_sys(e, "open %s", list) : read_names(names, &paths, e);

	if (result == 0 && write_marks(to, &paths, upper, e) < 0)
		result = err_wrap(e, "%s", list);
	names_drop(&paths);
	return result;
}
