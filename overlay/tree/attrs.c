#include "attrs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "../tar/acl.h"
#include "../tar/check.h"

enum { NAMES_MAX = 65536 };

/* The l…xattr calls want a path: /proc's link for the directory is one that no
 * rename can redirect, and the last name is not followed. */
static void proc_path(int dir, const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "/proc/self/fd/%d/%s", dir, *name ? name : ".");
}

static bool is_absent(int code)
{
	return code == ENODATA || code == ENOTSUP || code == ENOSYS;
}

ssize_t attrs_get(int dir, const char *name, const char *attribute, void *buf, size_t size)
{
	char path[PATH_MAX];
	ssize_t len;

	proc_path(dir, name, path);
	len = lgetxattr(path, attribute, buf, size);
	return len < 0 && is_absent(errno) ? 0 : len;
}

static int reserve(struct attrs *a, size_t size, struct err *e)
{
	if (size <= a->size)
		return 0;

	uint8_t *bytes = realloc(a->bytes, size);

	if (!bytes)
		return err_sys(e, "attributes");
	a->bytes = bytes;
	a->size = size;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct xattr *)a)->name, ((const struct xattr *)b)->name);
}

/* Whose attributes are read: what is open, or (fd -1) what is at the path. */
struct source {
	int fd;
	const char *path;
};

/* Adds one value behind `fill` bytes. Returns the new fill, or -1. */
static ssize_t take(struct attrs *a, const struct source *s, const char *name, size_t fill,
                    struct err *e)
{
	struct xattr *x = &a->at[a->list.n];
	ssize_t len;

	if (a->list.n == ATTRS_MAX)
		return err_say(e, "more than %d extended attributes", ATTRS_MAX);
	len = s->fd >= 0 ? fgetxattr(s->fd, name, a->bytes + fill, a->size - fill)
	                 : lgetxattr(s->path, name, a->bytes + fill, a->size - fill);
	if (len < 0 && is_absent(errno))
		return (ssize_t)fill;
	if (len < 0)
		return err_sys(e, "read attribute %s", name);
	*x = (struct xattr){ name, a->bytes + fill, (size_t)len };
	a->list.n++;
	return (ssize_t)fill + len;
}

static int read_from(struct attrs *a, const struct source *s, struct err *e)
{
	ssize_t names, fill;

	a->list = (struct xattrs){ 0, a->at };
	a->left_out[0] = '\0';
	a->incomplete = false;
	/* one size that always does: what is read is also what is capped */
	if (reserve(a, NAMES_MAX + MEMBER_XATTRS_MAX, e) < 0)
		return -1;
	names = s->fd >= 0 ? flistxattr(s->fd, (char *)a->bytes, NAMES_MAX)
	                   : llistxattr(s->path, (char *)a->bytes, NAMES_MAX);
	if (names < 0)
		return is_absent(errno) ? 0 : err_sys(e, "list attributes");
	fill = NAMES_MAX;
	for (const char *at = (char *)a->bytes; at < (char *)a->bytes + names;
	     at += strlen(at) + 1) {
		if (strncmp(at, "trusted.overlay.", 16) == 0) {
			a->incomplete |= strcmp(at + 16, "metacopy") == 0 ||
			                 strcmp(at + 16, "redirect") == 0;
			continue;
		}
		if (!check_xattr_is_kept(at)) {
			snprintf(a->left_out, sizeof a->left_out, "%s", at);
			continue;
		}
		fill = take(a, s, at, (size_t)fill, e);
		if (fill < 0)
			return -1;
	}
	qsort(a->at, a->list.n, sizeof *a->at, by_name);
	return 0;
}

int attrs_read(struct attrs *a, int dir, const char *name, struct err *e)
{
	char path[PATH_MAX];
	const struct source source = { -1, path };

	proc_path(dir, name, path);
	return read_from(a, &source, e);
}

int attrs_read_open(struct attrs *a, int fd, struct err *e)
{
	const struct source source = { .fd = fd };

	return read_from(a, &source, e);
}

bool attrs_equal(const struct xattrs *a, const struct xattrs *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->at[i].name, b->at[i].name) != 0 || a->at[i].len != b->at[i].len ||
		    memcmp(a->at[i].value, b->at[i].value, a->at[i].len) != 0)
			return false;
	return true;
}

static bool holds(const struct xattrs *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->at[i].name, name) == 0)
			return true;
	return false;
}

static int remove_others(const struct xattrs *list, int dir, const char *name, const char *path,
                         struct err *e)
{
	struct attrs now = { 0 };
	int result = attrs_read(&now, dir, name, e);

	for (size_t i = 0; result == 0 && i < now.list.n; i++)
		if (!holds(list, now.at[i].name) && lremovexattr(path, now.at[i].name) < 0 &&
		    !is_absent(errno))
			result = err_sys(e, "remove attribute %s", now.at[i].name);
	attrs_drop(&now);
	return result;
}

/* An ACL that is lost may open a file to its group; a capability or a label that
 * is lost makes a program do less. */
static bool may_be_skipped(const char *name)
{
	return strcmp(name, ACL_ACCESS) != 0 && strcmp(name, ACL_DEFAULT) != 0;
}

int attrs_write(const struct xattrs *list, int dir, const char *name, bool exact, char skipped[64],
                struct err *e)
{
	char path[PATH_MAX];

	proc_path(dir, name, path);
	if (exact && remove_others(list, dir, name, path, e) < 0)
		return -1;
	for (size_t i = 0; i < list->n; i++) {
		const struct xattr *x = &list->at[i];

		if (lsetxattr(path, x->name, x->value, x->len, 0) == 0)
			continue;
		if (!is_absent(errno) || !may_be_skipped(x->name))
			return err_sys(e, "set attribute %s", x->name);
		snprintf(skipped, 64, "%s", x->name);
	}
	return 0;
}

void attrs_drop(struct attrs *a)
{
	free(a->bytes);
	*a = (struct attrs){ 0 };
}
