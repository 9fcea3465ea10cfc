#include "live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../medium/medium.h"
#include "../tree/disk.h"
#include "../tree/extract.h"
#include "../tree/livestep.h"
#include "../tree/remove.h"
#include "liveplan.h"

#define UNTOUCHED "nothing was changed"

struct live {
	const struct layer *l;
	const struct live_request *r;
	struct manifest then;
	struct savelist list;
	struct live_steps steps;
	int stage;   /* owned */
	bool stuck;  /* it was begun and could not be undone: the stage has what is missing */
};

/* --- The stage --- */

static int open_stage(const struct layer *l)
{
	return openat(l->root_fd, LIVE_STAGE, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int make_stage(struct live *v, struct err *e)
{
	if (remove_tree(v->l->root_fd, LIVE_STAGE, e) < 0)
		return -1;
	if (mkdirat(v->l->root_fd, LIVE_STAGE, 0700) < 0 || (v->stage = open_stage(v->l)) < 0 ||
	    mkdirat(v->stage, "tree", 0755) < 0 || mkdirat(v->stage, "old", 0700) < 0)
		return err_sys(e, "make /" LIVE_STAGE);
	return 0;
}

static const struct manifest_entry *entry_of(const struct live *v, const char *path)
{
	const struct manifest_entry *entry = manifest_find(&v->then, path);

	return entry && entry->print.type != MEMBER_WHITEOUT ? entry : NULL;
}

static int copy_pristine(struct live *v, struct extract *x, const char *path, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(path, above);
	FD_AUTO dir = fd_open_beneath(v->l->pristine_fd, *above ? above : ".",
	                              O_RDONLY | O_DIRECTORY, 0);
	struct disk d = { .fd = -1 };
	const struct member_data data = { disk_read, &d.fd };
	struct member m;
	int result;

	if (dir < 0 || disk_member(&d, dir, name, path, &m, e) < 0) {
		disk_drop(&d);
		/* a directory that only the names in an archive imply: it is there */
		return dir < 0 || e->code == ENOENT ? 0 : -1;
	}
	result = extract_member(x, &m, &data, e);
	disk_drop(&d);
	return result;
}

static bool needs_tree(const struct live_step *s)
{
	return s->action == LIVE_PUT || s->action == LIVE_MKDIR || s->action == LIVE_SETDIR;
}

/* What the generation does not name comes from the image. */
static int stage_image(struct live *v, int tree, struct err *e)
{
	struct extract *x = malloc(sizeof *x);
	mode_t mask = umask(0);
	int result = 0;

	if (!x)
		return err_sys(e, "copy from the image");
	extract_open(x, tree, v->l->pristine_fd, true);
	for (size_t i = 0; result == 0 && i < v->steps.n; i++)
		if (needs_tree(&v->steps.at[i]) && !entry_of(v, v->steps.at[i].path))
			result = copy_pristine(v, x, v->steps.at[i].path, e);
	if (result == 0)
		result = extract_finish(x, e);
	extract_drop(x);
	free(x);
	umask(mask);
	return result;
}

static int fill_stage(struct live *v, struct err *e)
{
	struct archive_outcome outcome;
	FD_AUTO tree = openat(v->stage, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (tree < 0)
		return err_sys(e, "open /" LIVE_STAGE);
	if (v->r->saved && archive_extract(v->r->saved, tree, NULL, &outcome, e) < 0)
		return -1;
	if (stage_image(v, tree, e) < 0)
		return -1;
	return live_steps_keep(&v->steps, v->l->root_fd, v->stage, e);
}

/* --- All or nothing --- */

static int undo(struct live *v, const char *safe, struct err *e)
{
	struct err why = { 0 };

	if (live_steps_undo(&v->steps, v->l->root_fd, v->stage, &why) == 0)
		return err_safe(e, safe);
	v->stuck = true;
	err_wrap(e, "and could not be undone (%.100s)", why.text);
	return err_safe(e, "what is missing is in /" LIVE_STAGE);
}

static int change(struct live *v, struct err *e)
{
	const struct live_request *r = v->r;

	if (live_steps_write(&v->steps, v->stage, e) < 0)
		return err_safe(e, UNTOUCHED);
	if (live_steps_take(&v->steps, v->l->root_fd, v->stage, e) < 0)
		return undo(v, UNTOUCHED, e);
	/* it says itself what is safe on the medium */
	if ((r->before_end && r->before_end(r->ctx, e) < 0) || live_steps_finish(v->stage, e) < 0)
		return undo(v, "what runs is as it was", e);
	return 0;
}

/* A signal in here would leave it to the next command; it is taken afterwards. */
static int change_in_peace(struct live *v, struct err *e)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = change(v, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

static int plan(struct live *v, struct err *e)
{
	const struct sink sink = { manifest_member, &v->then };
	const struct archive *a = v->r->saved;
	const struct liveplan p = { .layer = v->l,
		                    .then = &v->then,
		                    .list = v->r->n_paths ? NULL : &v->list,
		                    .paths = v->r->paths,
		                    .n_paths = v->r->n_paths };

	if (a && archive_read(a, &sink, e) < 0)
		return -1;
	manifest_finish(&v->then);
	if (p.list && savelist_load(&v->list, v->l->root_fd, e) < 0)
		return -1;
	return liveplan_make(&p, &v->steps, e);
}

static char kind_of(const struct live_step *s)
{
	switch (s->action) {
	case LIVE_REMOVE:
	case LIVE_RMDIR:
		return 'D';
	case LIVE_MKDIR:
		return 'A';
	default:
		return s->had ? 'U' : 'A';
	}
}

static void tell(const struct live *v)
{
	for (size_t i = 0; v->r->tell && i < v->steps.n; i++) {
		const struct live_step *s = &v->steps.at[i];

		/* the last touch of a directory that is new */
		if (s->action != LIVE_SETDIR || s->had)
			v->r->tell(v->r->ctx, kind_of(s), s->path);
	}
}

static int run(struct live *v, struct err *e)
{
	struct err ignored;
	int result = 0;

	if (plan(v, e) < 0)
		return err_safe(e, UNTOUCHED);
	if (v->steps.n == 0)
		return v->r->before_end ? v->r->before_end(v->r->ctx, e) : 0;
	if (make_stage(v, e) < 0 || fill_stage(v, e) < 0)
		result = err_safe(e, UNTOUCHED);
	else
		result = change_in_peace(v, e);
	if (!v->stuck)
		remove_tree(v->l->root_fd, LIVE_STAGE, &ignored);
	if (result == 0)
		tell(v);
	return result;
}

int live(const struct layer *l, const struct live_request *r, struct err *e)
{
	struct live v = { .l = l, .r = r, .stage = -1 };
	int result = layer_need_overlay(l, e);

	if (result == 0)
		result = run(&v, e);
	manifest_drop(&v.then);
	savelist_drop(&v.list);
	live_steps_drop(&v.steps);
	fd_drop(&v.stage);
	return result;
}

static int settle(struct live *v, struct err *e)
{
	int listed = live_steps_read(&v->steps, v->stage, e);

	if (listed < 0)
		return -1;
	if (listed > 0 && live_steps_undo(&v->steps, v->l->root_fd, v->stage, e) < 0)
		return -1;
	return remove_tree(v->l->root_fd, LIVE_STAGE, e) < 0 ? -1 : listed;
}

int live_settle(const struct layer *l, struct err *e)
{
	struct live v = { .l = l, .stage = open_stage(l) };
	FD_AUTO lock = -1;
	struct err busy;
	int result = 0;

	if (v.stage >= 0 && medium_reserve(l, &lock, &busy) == 0)
		result = settle(&v, e);
	live_steps_drop(&v.steps);
	fd_drop(&v.stage);
	return result < 0 ? err_wrap(e, "/" LIVE_STAGE) : result;
}
