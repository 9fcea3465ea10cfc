#include "slotdir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/clock.h"
#include "../../init/base/fd.h"
#include "../tree/remove.h"
#include "slot.h"
#include "slotset.h"

/* A directory under a name that nobody looks for. */
struct stage {
	int parent; /* borrowed */
	char name[24];
	int dir; /* owned */
};

static int stage_open(struct stage *s, int parent, struct err *e)
{
	unsigned number;

	*s = (struct stage){ .parent = parent, .dir = -1 };
	/* another one each time: what a power cut left of the last may not be openable */
	if (getrandom(&number, sizeof number, GRND_NONBLOCK) != sizeof number)
		number = (unsigned)clock_now_ms();
	snprintf(s->name, sizeof s->name, "new-%08x", number);
	if (mkdirat(parent, s->name, 0755) < 0)
		return err_sys(e, "mkdir %s", s->name);
	s->dir = fd_open_beneath(parent, s->name, O_RDONLY | O_DIRECTORY, 0);
	return s->dir < 0 ? err_sys(e, "open %s", s->name) : 0;
}

/* After a failure; nothing was lost that is missed if this fails too. */
static void stage_undo(struct stage *s)
{
	struct err ignored;

	if (s->dir >= 0)
		remove_tree(s->parent, s->name, &ignored);
	fd_drop(&s->dir);
}

/* syncfs alone writes on FAT, and does not flush the disk's own cache; fsync does. */
static int flush(int dir, struct err *e)
{
	return syncfs(dir) < 0 || fsync(dir) < 0 ? err_sys(e, "flush") : 0;
}

static int fill(int dir, const struct slotdir_new *slots, struct err *e)
{
	return slot_create_set(dir, slots->first, slots->count, slots->size, slots->progress,
	                       slots->ctx, e);
}

/* FAT writes the new name first without its place on the disk. Flushing what was
 * renamed, before its directory, sends both in one sector. */
static int move(int from, const char *old, int to, const char *name, int moved, struct err *e)
{
	if (renameat(from, old, to, name) < 0)
		return err_sys(e, "rename %s to %s", old, name);
	return fsync(moved) < 0 ? err_sys(e, "flush %s", name) : 0;
}

static int make_below(struct stage *s, const char *below, const struct slotdir_new *slots, int *dir,
                      struct err *e)
{
	if (*below && fd_mkdirs(s->dir, below, 0755, e) < 0)
		return -1;
	*dir = fd_open_beneath(s->dir, *below ? below : ".", O_RDONLY | O_DIRECTORY, 0);
	if (*dir < 0)
		return err_sys(e, "open %s", below);
	if (fill(*dir, slots, e) < 0)
		return -1;
	return flush(s->parent, e);
}

/* Walks down `path` as far as it exists. *above is where it ends, the caller's to close;
 * `rest` begins with the first part that is missing. */
static int find_missing(int medium, char *path, int *above, char **rest, struct err *e)
{
	FD_AUTO at = fd_open_beneath(medium, ".", O_RDONLY | O_DIRECTORY, 0);

	for (*rest = path; at >= 0 && **rest;) {
		char *end = strchrnul(*rest, '/'), slash = *end;
		FD_AUTO next = -1;

		*end = '\0';
		next = fd_open_beneath(at, *rest, O_RDONLY | O_DIRECTORY, 0);
		if (next < 0 && errno != ENOENT)
			return err_sys(e, "open %s", *rest);
		*end = slash;
		if (next < 0)
			break;
		fd_drop(&at);
		at = fd_take(&next);
		*rest = slash ? end + 1 : end;
	}
	*above = fd_take(&at);
	return *above < 0 ? err_sys(e, "open the medium") : 0;
}

static int make_staged(int above, const char *name, const char *below,
                       const struct slotdir_new *slots, int *dir, struct err *e)
{
	struct stage s;
	int result = stage_open(&s, above, e);

	if (result == 0)
		result = make_below(&s, below, slots, dir, e);
	if (result == 0)
		result = move(above, s.name, above, name, s.dir, e);
	if (result == 0)
		result = flush(above, e);
	else
		stage_undo(&s);
	fd_drop(&s.dir);
	return result;
}

int slotdir_make(int medium, const char *path, const struct slotdir_new *slots, int *dir,
                 struct err *e)
{
	FD_AUTO above = -1;
	FD_AUTO made = -1;
	char parts[PATH_MAX], *name, *below;

	if ((size_t)snprintf(parts, sizeof parts, "%s", path) >= sizeof parts)
		return err_say(e, "%s: too long", path);
	if (find_missing(medium, parts, &above, &name, e) < 0)
		return -1;
	if (!*name)
		return err_say(e, "%s: exists", path);
	below = strchrnul(name, '/');
	if (*below)
		*below++ = '\0';
	if (make_staged(above, name, below, slots, &made, e) < 0)
		return err_wrap(e, "make %s", path);
	*dir = fd_take(&made);
	return 0;
}

static int move_slot(const struct stage *s, int number, struct err *e)
{
	char name[64];
	FD_AUTO slot = slot_open(s->dir, number, O_RDONLY);

	if (slot < 0)
		return err_sys(e, "open " SLOT_PREFIX "%d", number);
	snprintf(name, sizeof name, SLOT_PREFIX "%d" SLOT_SUFFIX, number);
	if (faccessat(s->parent, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return err_say(e, "%s: exists", name);
	return move(s->dir, name, s->parent, name, slot, e);
}

static int move_slots(const struct stage *s, const struct slotdir_new *slots, struct err *e)
{
	for (int i = 0; i < slots->count; i++)
		if (move_slot(s, slots->first + i, e) < 0)
			return -1;
	if (flush(s->parent, e) < 0)
		return -1;
	/* it is empty, and known to be so on the medium */
	unlinkat(s->parent, s->name, AT_REMOVEDIR);
	return 0;
}

int slotdir_add(int dir, const struct slotdir_new *slots, struct err *e)
{
	struct stage s;
	int result = stage_open(&s, dir, e);

	if (result == 0)
		result = fill(s.dir, slots, e);
	if (result == 0)
		result = flush(dir, e);
	if (result == 0)
		result = move_slots(&s, slots, e);
	if (result < 0)
		stage_undo(&s);
	fd_drop(&s.dir);
	return result;
}
