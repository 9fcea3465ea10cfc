#include "changes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../tree/disk.h"

/* Whether a directory above hides the image in this manifest. */
static bool is_hidden(const struct manifest *m, const char *path)
{
	char above[MEMBER_PATH_MAX];

	if (strlen(path) >= sizeof above)
		return false;
	for (strcpy(above, path); strrchr(above, '/');) {
		*strrchr(above, '/') = '\0';

		const struct manifest_entry *entry = manifest_find(m, above);

		if (entry && (entry->print.opaque || entry->print.type != MEMBER_DIRECTORY))
			return true;
	}
	return false;
}

int print_at(int root, const char *path, struct disk *d, struct print *p, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(path, above);
	FD_AUTO dir = fd_open_beneath(root, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);
	struct member m;

	*p = (struct print){ .type = MEMBER_NONE };
	if (dir < 0)
		return fd_is_absent(errno) ? 0 : err_sys(e, "%s: open the directory above", path);
	if (disk_member(d, dir, name, path, &m, e) < 0)
		return e->code == ENOENT ? 0 : -1;

	const struct member_data data = { disk_read, &d->fd };

	return print_member(p, &m, &data, e);
}

/* What stands at `path` on one side; type NONE: nothing. */
static int look(const struct changes *c, const struct manifest *m,
                const struct manifest_entry *entry, const char *path, struct disk *d,
                struct print *p, struct err *e)
{
	*p = (struct print){ .type = MEMBER_NONE };
	if (entry && entry->print.type == MEMBER_WHITEOUT)
		return 0;
	if (entry) {
		*p = entry->print;
		return 0;
	}
	if (c->pristine < 0 || is_hidden(m, path))
		return 0;
	return print_at(c->pristine, path, d, p, e);
}

static void add_what(struct change *change, bool differs, const char *what)
{
	size_t len = strlen(change->what);

	if (differs)
		snprintf(change->what + len, sizeof change->what - len, "%s%s", len ? ", " : "",
		         what);
}

/* Whether there is a change from `a` to `b`; fills kind and what. */
static bool judge(struct change *change, const struct print *a, const struct print *b)
{
	change->what[0] = '\0';
	change->kind = a->type == MEMBER_NONE ? 'A' : b->type == MEMBER_NONE ? 'D' : 'U';
	change->type = b->type == MEMBER_NONE ? a->type : b->type;
	if (change->kind != 'U')
		return a->type != b->type;
	if (a->type != b->type) {
		add_what(change, true, "type");
		return true;
	}
	add_what(change,
	         a->size != b->size || memcmp(a->content, b->content, sizeof a->content) != 0,
	         a->type == MEMBER_SYMLINK ? "target" : "content");
	add_what(change, a->mode != b->mode, "mode");
	add_what(change, a->uid != b->uid || a->gid != b->gid, "owner");
	add_what(change, memcmp(a->xattrs, b->xattrs, sizeof a->xattrs) != 0, "attributes");
	add_what(change, a->opaque != b->opaque, "replaced");
	return change->what[0] != '\0';
}

/* 1: a change, told; 0: none; -1 with *e. */
static int compare(const struct changes *c, const struct manifest_entry *old,
                   const struct manifest_entry *now, struct disk *d, struct err *e)
{
	struct change change = { .path = old ? old->path : now->path };
	struct print a, b;
	int given = given_is_untouched(c->given, change.path, e);

	if (given)
		return given < 0 ? -1 : 0;
	if (look(c, c->old, old, change.path, d, &a, e) < 0 ||
	    look(c, c->now, now, change.path, d, &b, e) < 0)
		return -1;
	if (!judge(&change, &a, &b))
		return 0;
	change.class = class_of(change.path);
	add_what(&change, given_has(c->given, change.path), "given at each boot");
	if (c->tell)
		c->tell(c->ctx, &change);
	return 1;
}

long changes_find(const struct changes *c, struct err *e)
{
	const struct manifest *old = c->old, *now = c->now;
	size_t i = 0, j = 0;
	struct disk d = { .fd = -1 };
	long n = 0;

	while (n >= 0 && (i < old->n || j < now->n)) {
		int order = i == old->n   ? 1
		            : j == now->n ? -1
		                          : strcmp(old->at[i].path, now->at[j].path);
		int result = compare(c, order <= 0 ? &old->at[i] : NULL,
		                     order >= 0 ? &now->at[j] : NULL, &d, e);

		i += order <= 0;
		j += order >= 0;
		n = result < 0 ? -1 : n + result;
	}
	disk_drop(&d);
	return n;
}
