#include "goback.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/paths.h"
#include "../medium/medium.h"
#include "../slot/generations.h"
#include "../tree/remove.h"
#include "live.h"

/* Another save may be running; it is done soon. */
enum { BUSY_MS = 60000 };

#define UNTOUCHED "what runs is as it was"

static void note_change(void *ctx, char kind, const char *path)
{
	struct err e;

	(void)kind;
	/* without memory the list of services is shorter */
	names_add(ctx, path, &e);
}

static int put_back(const struct layer *l, const struct chosen *chosen, struct names *changed,
                    struct err *e)
{
	const struct live_request request = { .saved = chosen->fd >= 0 ? &chosen->archive : NULL,
		                              .tell = note_change,
		                              .ctx = changed };
	struct archive_outcome outcome;

	if (chosen->fd >= 0 && archive_validate(&chosen->archive, &outcome, e) < 0) {
		err_wrap(e, "%s", chosen->title);
		return err_safe(e, UNTOUCHED);
	}
	return live(l, &request, e);
}

/* 1: chosen; 0: nothing was saved before; -1 with *e. */
static int choose(const struct layer *l, struct generations *g, struct chosen *chosen,
                  struct err *e)
{
	const struct slot *slot;

	if (layer_generations(l, g, e) < 0)
		return -1;
	slot = slotset_settled(&g->set);
	if (!slot && !g->n_foreign)
		return 0;
	return generations_choose(g, slot ? slot->record.sequence : GENERATION_FOREIGN,
	                          l->pristine_fd, chosen, e);
}

/* --- Lending --- */

static int copy_bytes(int from, int to, uint64_t length, struct err *e)
{
	char bytes[16384];

	for (uint64_t at = 0; at < length;) {
		size_t want = length - at < sizeof bytes ? (size_t)(length - at) : sizeof bytes;
		ssize_t len = fd_pread_full(from, bytes, want, at);

		if (len <= 0)
			return len < 0 ? err_sys(e, "read") : err_say(e, "cut short");
		if (fd_write_full(to, bytes, (size_t)len) < 0)
			return err_sys(e, "write");
		at += (uint64_t)len;
	}
	return 0;
}

/* `length` bytes of it, of which the copy has as many as the file, zeros behind. */
static int copy_file(int from, uint64_t length, const char *path, struct err *e)
{
	FD_AUTO to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	struct stat st;

	if (to < 0 || fstat(from, &st) < 0)
		return err_sys(e, "create %s", path);
	if (copy_bytes(from, to, length, e) < 0)
		return err_wrap(e, "%s", path);
	return ftruncate(to, st.st_size) < 0 ? err_sys(e, "%s", path) : 0;
}

/* The signature beside one of Alpine's archives, where there is one. */
static int copy_signature(const struct archive *a, const char *path, struct err *e)
{
	char name[300], to[600];
	struct stat st;

	snprintf(name, sizeof name, "%s.minisig", a->path);
	snprintf(to, sizeof to, "%s.minisig", path);

	FD_AUTO from = fd_open_beneath(a->dir, name, O_RDONLY | O_NONBLOCK, 0);

	if (from < 0 || fstat(from, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", name);
	return copy_file(from, (uint64_t)st.st_size, to, e);
}

static int lend(const struct layer *l, const char *into, struct err *e)
{
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen chosen = { .fd = -1 };
	const struct slot *slot;
	char path[500], folder[400];
	int result = choose(l, &g, &chosen, e);

	snprintf(folder, sizeof folder, "%s/" PATH_SAVED "/%s", into, l->name);
	if (result >= 0 && fd_mkdirs(AT_FDCWD, folder, 0700, e) < 0)
		result = -1;
	slot = result > 0 ? slotset_settled(&g.set) : NULL;
	if (slot)
		snprintf(path, sizeof path, "%s/" SLOT_PREFIX "%d" SLOT_SUFFIX, folder,
		         slot->number);
	else if (result > 0)
		snprintf(path, sizeof path, "%s/%s", into, chosen.archive.path);
	if (result > 0)
		result = copy_file(chosen.fd, chosen.archive.length, path, e);
	if (result == 0 && chosen.fd >= 0 && !slot)
		result = copy_signature(&chosen.archive, path, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

int goback_lend(const struct layer *l, const char *into, struct err *e)
{
	int result = layer_need_medium(l, e);

	if (result == 0)
		result = remove_tree(AT_FDCWD, into, e);
	if (result == 0)
		result = lend(l, into, e);
	return result < 0 ? err_safe(e, UNTOUCHED) : 0;
}

int goback(const struct layer *l, struct names *changed, struct goback_result *out,
           struct err *e)
{
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen chosen = { .fd = -1 };
	FD_AUTO lock = -1;
	int result = layer_need_medium(l, e);

	*out = (struct goback_result){ "the image" };
	if (result == 0)
		result = medium_reserve_within(l, BUSY_MS, &lock, e);
	if (result == 0)
		result = choose(l, &g, &chosen, e);
	if (result < 0)
		err_safe(e, UNTOUCHED);
	if (result > 0)
		snprintf(out->title, sizeof out->title, "%s", chosen.title);
	if (result >= 0)
		result = put_back(l, &chosen, changed, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}
