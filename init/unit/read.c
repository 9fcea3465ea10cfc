/* A unit's files, in order: the fragment, then its drop-ins. */
#include "parse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/fd.h"

static bool is_admin(const char *path)
{
	return strncmp(path, "/etc/slate/system/", 18) == 0 ||
	       strncmp(path, "/etc/systemd/system/", 20) == 0;
}

/* Nearly every unit file is a plain file in a directory that is open already; what is
 * not is looked for from the root down, as links must not lead out of it. */
static int open_file(const struct loader *l, const char *path)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC;
	int fd = -1;

	if (path == l->outside)
		return open(path, flags);
	for (unsigned i = 0; i < l->search.dirs_n && fd < 0; i++) {
		struct span name = span_of(path + 1);
		const char *dir = l->search.dirs[i];

		if (!span_starts(name, dir))
			continue;
		name = span_from(name, strlen(dir));
		if (span_starts(name, "/") && !memchr(name.at + 1, '/', name.len - 1))
			fd = openat(l->search.fds[i], name.at + 1, flags | O_NOFOLLOW);
	}
	return fd < 0 ? fd_open_in_root(l->search.root, path, flags, 0) : fd;
}

/* Reads a regular file whole into work->file. Its length, or -1 with *e. */
static ssize_t slurp(struct loader *l, const char *path, struct err *e)
{
	FD_AUTO fd = open_file(l, path);
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return err_sys(e, "open %s", path);
	if (fstat(fd, &st) < 0)
		return err_sys(e, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_say(e, "%s: not a regular file", path);
	if (st.st_size > UNIT_FILE_MAX)
		return err_say(e, "%s: larger than %d bytes", path, UNIT_FILE_MAX);
	len = fd_read_full(fd, l->work->file, (size_t)st.st_size);
	return len < 0 ? err_sys(e, "read %s", path) : len;
}

static void read_file(struct loader *l, struct draft *d, const char *path, bool is_dropin)
{
	struct err e;
	ssize_t len = slurp(l, path, &e);

	d->file = path;
	d->line = 0;
	d->is_dropin = is_dropin;
	d->is_admin = is_admin(path);
	if (len > 0) {
		load_text(l, d, (struct span){ l->work->file, (size_t)len });
		return;
	}
	if (len == 0 && !is_dropin)
		d->unit->load = LOAD_MASKED;
	if (len == 0)
		return;
	if (is_dropin)
		load_say(l, d, UNIT_WARNING, "%s", e.text);
	else
		snprintf(d->bad, sizeof d->bad, "%.200s", e.text);
}

struct dropin_ctx {
	struct loader *l;
	struct draft *d;
};

static void add_dropin(void *arg, const char *path)
{
	struct dropin_ctx *ctx = arg;
	struct arena *a = ctx->l->arena;
	struct text_list *list = &ctx->d->unit->dropins;
	char absolute[600];

	snprintf(absolute, sizeof absolute, "/%s", path);
	parse_add(a, list, arena_text(a, absolute));
	if (!a->full)
		read_file(ctx->l, ctx->d, list->at[list->n - 1], true);
}

struct link_ctx {
	struct loader *l;
	unsigned index;
	enum unit_dep kind;
};

static void add_link(void *arg, struct span other)
{
	struct link_ctx *ctx = arg;

	load_edge(ctx->l, ctx->index, ctx->kind, load_intern(ctx->l, other));
}

static void load_links(struct loader *l, unsigned index, const char *name)
{
	static const struct {
		const char *suffix;
		enum unit_dep kind;
	} kinds[] = {
		{ "wants", DEP_WANTS }, { "requires", DEP_REQUIRES }, { "upholds", DEP_UPHOLDS },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct link_ctx ctx = { l, index, kinds[i].kind };

		search_links(&l->search, span_of(name), kinds[i].suffix, add_link, &ctx);
	}
}

/* default.target.wants/ is the wants of whatever default.target stands for. */
static bool read_links(struct loader *l, unsigned index)
{
	struct load_work *w = l->work;
	unsigned known = l->names_n;
	bool any = false;

	for (unsigned i = 0; i < known; i++) {
		if (w->names[i].index != index || w->has_links[i])
			continue;
		w->has_links[i] = any = true;
		load_links(l, index, w->names[i].name);
	}
	return any;
}

bool load_late_links(struct loader *l)
{
	const struct load_work *w = l->work;
	unsigned known = l->names_n;
	bool any = false;

	for (unsigned i = 0; i < known; i++)
		if (!w->has_links[i] && w->units[w->names[i].index]->load == LOAD_LOADED)
			any |= read_links(l, w->names[i].index);
	return any;
}

/* Units that may be there without a file. */
static bool is_implicit(const struct unit *u)
{
	return u->type == UNIT_DEVICE || u->type == UNIT_SLICE || u->type == UNIT_SCOPE ||
	       strcmp(u->name, "-.mount") == 0;
}

static void read_files(struct loader *l, struct draft *d)
{
	struct dropin_ctx ctx = { l, d };
	struct unit *u = d->unit;

	if (u->fragment)
		read_file(l, d, u->fragment, false);
	if (u->load != LOAD_NONE || d->bad[0])
		return;
	search_dropins(&l->search, span_of(u->name), add_dropin, &ctx);
	read_links(l, d->index);
	d->file = NULL;
	if (!u->description[0])
		u->description = u->name;
	load_implied(l, d);
	load_finish(l, d);
}

static void settle(struct loader *l, struct draft *d)
{
	struct unit *u = d->unit;

	d->file = NULL;
	if (u->load == LOAD_MASKED) {
		u->reason = "it is masked";
	} else if (!u->fragment && !is_implicit(u)) {
		u->load = LOAD_NOT_FOUND;
		u->reason = "there is no such unit file";
	} else if (d->bad[0]) {
		u->load = LOAD_BAD;
		u->reason = arena_text(l->arena, d->bad);
		load_say(l, d, UNIT_ERROR, "%s", d->bad);
	} else {
		u->load = LOAD_LOADED;
	}
	if (!u->description[0])
		u->description = u->name;
	if (u->load != LOAD_LOADED || u->type != UNIT_SERVICE)
		return;

	struct service_config *kept = arena_take(l->arena, 1, sizeof *kept);

	*kept = *d->service;
	u->service = kept;
	if (d->is_sandboxed) {
		struct sandbox *box = arena_take(l->arena, 1, sizeof *box);

		*box = d->sandbox;
		kept->exec_config.sandbox = box;
	}
}

void load_unit(struct loader *l, unsigned index)
{
	struct unit *u = l->work->units[index];
	struct service_config service = service_default;
	struct draft d = {
		.unit = u, .service = &service, .sandbox = sandbox_default, .index = index,
		.is_run = u->type == UNIT_SERVICE || u->type == UNIT_TARGET,
	};

	if (u->load == LOAD_NONE && (u->fragment || is_implicit(u)))
		read_files(l, &d);
	settle(l, &d);
}
