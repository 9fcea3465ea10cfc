#include "liveplan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../../init/base/names.h"
#include "../changes/changes.h"
#include "../tree/disk.h"

struct plan {
	const struct liveplan *p;
	struct live_steps *out;
	struct disk disk;
};

/* What is known of a place from those above it. */
struct above {
	int depth;
	bool hidden_now;  /* nothing of the image shows here in the running root */
	bool hidden_then; /* nor in the generation */
	bool none_then;   /* the generation has no directory here */
	bool forced;      /* and something else in its place: all must go */
};

struct sides {
	struct print now, then;
	const struct manifest_entry *entry; /* of the generation; NULL: it does not name the path */
};

/* --- What the generation names --- */

/* The first entry whose path is not below `path` in the order of the manifest. */
static size_t first_from(const struct manifest *m, const char *path)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(m->at[middle].path, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Entries below the directory `path` begin at the one that is returned; `prefix` is
 * what they begin with. */
static size_t first_below(const struct manifest *m, const char *path,
                          char prefix[MEMBER_PATH_MAX + 1])
{
	snprintf(prefix, MEMBER_PATH_MAX + 1, "%s%s", path, *path ? "/" : "");
	return first_from(m, prefix);
}

static bool names_below(const struct manifest *m, const char *path)
{
	char prefix[MEMBER_PATH_MAX + 1];
	size_t i = first_below(m, path, prefix);

	return i < m->n && strncmp(m->at[i].path, prefix, strlen(prefix)) == 0;
}

/* --- Scope --- */

static bool is_given(const struct plan *w, const char *path)
{
	for (size_t i = 0; i < w->p->n_paths; i++)
		if (member_is_below(path, w->p->paths[i]))
			return true;
	return false;
}

static bool leads_to_given(const struct plan *w, const char *path)
{
	for (size_t i = 0; i < w->p->n_paths; i++)
		if (member_is_below(w->p->paths[i], path))
			return true;
	return false;
}

static bool is_wanted(const struct plan *w, const char *path, const struct sides *s)
{
	if (!w->p->list)
		return is_given(w, path);
	if (s->entry)
		return true;

	enum save_kind kind = savelist_kind(w->p->list, path);

	return kind == SAVE_KEEP || (kind == SAVE_LINKS && s->now.type == MEMBER_SYMLINK);
}

/* Whether to look below a directory that is itself not wanted. */
static bool may_reach(const struct plan *w, const char *path, bool named)
{
	if (!w->p->list)
		return is_given(w, path) || leads_to_given(w, path);
	return named || savelist_kind(w->p->list, path) == SAVE_KEEP ||
	       savelist_reaches(w->p->list, path);
}

/* --- Two sides of a path --- */

/* 1 or 0; -1 with *e. */
static int is_in(int root, const char *path, struct err *e)
{
	char above[MEMBER_PATH_MAX];
	const char *name = member_split(path, above);
	FD_AUTO dir = fd_open_beneath(root, *above ? above : ".", O_RDONLY | O_DIRECTORY, 0);
	struct stat st;

	if (dir >= 0 && fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return fd_is_absent(errno) ? 0 : err_sys(e, "%s", path);
}

static int look(struct plan *w, const char *path, const struct above *a, struct sides *s,
                struct err *e)
{
	const struct layer *l = w->p->layer;

	s->then = (struct print){ .type = MEMBER_NONE };
	if (print_at(l->root_fd, path, &w->disk, &s->now, e) < 0)
		return -1;
	if (a->none_then || (s->entry && s->entry->print.type == MEMBER_WHITEOUT))
		return 0;
	if (s->entry)
		s->then = s->entry->print;
	else if (!a->hidden_then)
		return print_at(l->pristine_fd, path, &w->disk, &s->then, e);
	return 0;
}

/* Directories that an archive does not name itself (lbu's way) are made plain. */
static int imply_directory(const struct plan *w, const char *path, const struct above *a,
                           struct sides *s, struct err *e)
{
	if (s->entry || a->none_then || s->then.type == MEMBER_DIRECTORY ||
	    !names_below(w->p->then, path))
		return 0;
	if (s->then.type != MEMBER_NONE)
		return err_say(e, "%s: a %s in the image, but a directory in the archive", path,
		               member_type_name(s->then.type));
	s->then = (struct print){ .type = MEMBER_DIRECTORY, .mode = 0755 };
	return 0;
}

static bool same(const struct print *a, const struct print *b)
{
	return a->type == b->type && a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
	       a->size == b->size && memcmp(a->content, b->content, sizeof a->content) == 0 &&
	       memcmp(a->xattrs, b->xattrs, sizeof a->xattrs) == 0;
}

static int add(struct plan *w, enum live_action action, bool had, const char *path, struct err *e)
{
	return live_steps_add(w->out, action, had, path, e);
}

/* 1: *fd, the caller's to close; 0: there is no such directory; -1 with *e. */
static int open_directory(int root, const char *path, int flags, int *fd, struct err *e)
{
	*fd = fd_open_beneath(root, *path ? path : ".", flags | O_DIRECTORY, 0);
	if (*fd >= 0)
		return 1;
	return fd_is_absent(errno) ? 0 : err_sys(e, "%s: open", path);
}

static int below(const struct plan *w, const char *path, const struct above *a,
                 const struct sides *s, struct above *out, struct err *e)
{
	const struct layer *l = w->p->layer;
	FD_AUTO upper = -1;
	FD_AUTO image = -1;
	int opaque = open_directory(l->upper_fd, path, O_RDONLY, &upper, e);
	int in_image = open_directory(l->pristine_fd, path, O_PATH, &image, e);
	bool then = s->then.type == MEMBER_DIRECTORY;

	if (opaque > 0)
		opaque = disk_is_opaque(upper, path, e);
	if (opaque < 0 || in_image < 0)
		return -1;
	*out = (struct above){
		.depth = a->depth + 1,
		.hidden_now = a->hidden_now || !in_image || s->now.type != MEMBER_DIRECTORY ||
		              opaque,
		.hidden_then = a->hidden_then || !in_image || !then ||
		               (s->entry && s->entry->print.opaque),
		.none_then = !then,
		.forced = a->forced || (!then && s->then.type != MEMBER_NONE),
	};
	return 0;
}

/* --- The names in a directory --- */

static int find_on_disk(struct names *f, int root, const char *dir, struct err *e)
{
	FD_AUTO fd = -1;
	int result = open_directory(root, dir, O_RDONLY, &fd, e);

	return result > 0 ? names_read(f, fd, e) : result;
}

static int find_in_manifest(struct names *f, const struct manifest *m, const char *dir,
                            struct err *e)
{
	char prefix[MEMBER_PATH_MAX + 1];
	size_t i = first_below(m, dir, prefix), len = strlen(prefix);
	int result = 0;

	for (; result == 0 && i < m->n && strncmp(m->at[i].path, prefix, len) == 0; i++) {
		const char *name = m->at[i].path + len;
		size_t n = strcspn(name, "/");
		const char *last = f->n ? f->at[f->n - 1] : "";

		if (n && !(strlen(last) == n && strncmp(last, name, n) == 0))
			result = names_add_span(f, (struct span){ name, n }, e);
	}
	return result;
}

static int find_names(const struct plan *w, const char *dir, const struct above *a,
                      struct names *f, struct err *e)
{
	const struct layer *l = w->p->layer;

	if (find_on_disk(f, l->upper_fd, dir, e) < 0)
		return -1;
	if ((a->hidden_now || a->hidden_then) && find_on_disk(f, l->pristine_fd, dir, e) < 0)
		return -1;
	if (find_in_manifest(f, w->p->then, dir, e) < 0)
		return -1;
	names_unite(f);
	return 0;
}

/* --- The walk --- */

static int visit(struct plan *w, const char *path, const struct above *a, bool *remains,
                 struct err *e);

static int visit_child(struct plan *w, const char *dir, const char *name, const struct above *a,
                       bool *remains, struct err *e)
{
	char path[MEMBER_PATH_MAX], clean[MEMBER_PATH_MAX];
	int n = snprintf(path, sizeof path, "%s%s%s", dir, *dir ? "/" : "", name);
	struct err why;

	if (n > 0 && n < MEMBER_PATH_MAX && member_path(path, (size_t)n, clean, &why) == 0)
		return strcmp(path, LIVE_STAGE) == 0 ? 0 : visit(w, path, a, remains, e);
	/* no archive can hold such a name */
	*remains = true;
	return a->forced ? err_say(e, "%.200s: can't be taken away", path) : 0;
}

static int visit_inside(struct plan *w, const char *dir, const struct above *a, bool *remains,
                        struct err *e)
{
	struct names found = { 0 };
	int result = a->depth > MEMBER_DEPTH_MAX ? err_say(e, "%.200s: too deep", dir)
	                                         : find_names(w, dir, a, &found, e);

	for (size_t i = 0; result == 0 && i < found.n; i++)
		result = visit_child(w, dir, found.at[i], a, remains, e);
	names_drop(&found);
	return result;
}

/* /bin and the like may be links that everything depends on. */
static int check_top(const char *path, const struct sides *s, struct err *e)
{
	bool was = s->now.type == MEMBER_DIRECTORY, is = s->then.type == MEMBER_DIRECTORY;

	if (strchr(path, '/') || was == is || s->now.type == MEMBER_NONE)
		return 0;
	return err_say(e, "%s: a %s in the running root can't become a %s", path,
	               member_type_name(s->now.type),
	               s->then.type == MEMBER_NONE ? "deletion" : member_type_name(s->then.type));
}

static int directory_stays(struct plan *w, const char *path, const struct above *a,
                           const struct sides *s, bool wanted, struct err *e)
{
	struct above inside;
	bool ignored = true;

	if (below(w, path, a, s, &inside, e) < 0 || visit_inside(w, path, &inside, &ignored, e) < 0)
		return -1;
	return wanted && !same(&s->now, &s->then) ? add(w, LIVE_SETDIR, true, path, e) : 0;
}

static int directory_comes(struct plan *w, const char *path, const struct above *a,
                           const struct sides *s, struct err *e)
{
	struct above inside;
	bool ignored = true;

	if (below(w, path, a, s, &inside, e) < 0)
		return -1;
	if (s->now.type != MEMBER_NONE && add(w, LIVE_REMOVE, true, path, e) < 0)
		return -1;
	if (add(w, LIVE_MKDIR, false, path, e) < 0 || visit_inside(w, path, &inside, &ignored, e) < 0)
		return -1;
	/* what was put into it has changed its time */
	return add(w, LIVE_SETDIR, false, path, e);
}

/* What is not wanted in it stays, and it with that; unless something else takes its
 * place. */
static int directory_goes(struct plan *w, const char *path, const struct above *a,
                          const struct sides *s, bool wanted, bool *remains, struct err *e)
{
	struct above inside;
	bool some = false;

	if (below(w, path, a, s, &inside, e) < 0)
		return -1;
	if (!wanted)
		inside.forced = a->forced;
	if (visit_inside(w, path, &inside, &some, e) < 0)
		return -1;
	if (!wanted || some) {
		*remains = true;
		return 0;
	}
	if (add(w, LIVE_RMDIR, true, path, e) < 0)
		return -1;
	return s->then.type == MEMBER_NONE ? 0 : add(w, LIVE_PUT, false, path, e);
}

static int leaf(struct plan *w, const char *path, const struct above *a, const struct sides *s,
                bool wanted, bool *remains, struct err *e)
{
	if (same(&s->now, &s->then))
		return 0;
	if (!wanted || (s->now.type == MEMBER_OTHER && !a->forced && !s->entry) ||
	    s->then.type == MEMBER_OTHER) {
		*remains |= s->now.type != MEMBER_NONE;
		return 0;
	}
	return s->then.type == MEMBER_NONE
	               ? add(w, LIVE_REMOVE, true, path, e)
	               : add(w, LIVE_PUT, s->now.type != MEMBER_NONE, path, e);
}

static int visit(struct plan *w, const char *path, const struct above *a, bool *remains,
                 struct err *e)
{
	struct sides s = { .entry = manifest_find(w->p->then, path) };
	bool named = s.entry || names_below(w->p->then, path);
	int in_upper = is_in(w->p->layer->upper_fd, path, e);

	if (in_upper < 0)
		return -1;
	if (!in_upper && !a->hidden_now && !named && !a->hidden_then)
		return 0;
	if (!a->forced && !may_reach(w, path, named)) {
		int stays = is_in(w->p->layer->root_fd, path, e);

		*remains |= stays > 0;
		return stays < 0 ? -1 : 0;
	}

	int given = given_is_untouched(&w->p->layer->given, path, e);

	if (given < 0 || look(w, path, a, &s, e) < 0 || imply_directory(w, path, a, &s, e) < 0)
		return -1;

	bool wanted = a->forced || (!given && is_wanted(w, path, &s));

	if (wanted && check_top(path, &s, e) < 0)
		return -1;
	if (s.now.type == MEMBER_DIRECTORY)
		return s.then.type == MEMBER_DIRECTORY
		               ? directory_stays(w, path, a, &s, wanted, e)
		               : directory_goes(w, path, a, &s, wanted, remains, e);
	if (s.then.type == MEMBER_DIRECTORY)
		return wanted ? directory_comes(w, path, a, &s, e) : 0;
	return leaf(w, path, a, &s, wanted, remains, e);
}

int liveplan_make(const struct liveplan *p, struct live_steps *out, struct err *e)
{
	struct plan w = { .p = p, .out = out, .disk = { .fd = -1 } };
	const struct above top = { 0 };
	bool remains = false;
	int result = visit_inside(&w, "", &top, &remains, e);

	disk_drop(&w.disk);
	return result;
}
