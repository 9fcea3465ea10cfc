#include "verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../init/base/fd.h"
#include "../medium/medium.h"
#include "../restore/live.h"
#include "../save/remote.h"

/* --- What both have in common --- */

struct changing {
	struct cli *c;
	struct names *changed;
	int (*before_end)(void *ctx, struct err *e); /* given `ctx` */
	void *ctx;
};

static void note_change(void *ctx, char kind, const char *path)
{
	const struct changing *changing = ctx;
	struct err e;

	/* without memory the list of services is shorter; what was changed is changed */
	names_add(changing->changed, path, &e);
	if (changing->c->verbose) {
		printf("%c ", kind);
		cli_print_path(path);
	}
}

static int before_end(void *ctx, struct err *e)
{
	const struct changing *changing = ctx;

	return changing->before_end ? changing->before_end(changing->ctx, e) : 0;
}

/* --- restore: an old generation becomes the newest --- */

struct restoring {
	struct cli *c;
	uint64_t which;
	struct chosen *chosen;
	bool reserved;
	struct commit_result saved;
};

struct remote_restore {
	struct cli *c;
	struct archive archive;
	char etag[FETCHER_ETAG_MAX];
};

static int each_of_archive(void *ctx, const struct sink *sink, struct err *e)
{
	return archive_read(ctx, sink, e);
}

static int save_again(void *ctx, struct err *e)
{
	struct restoring *r = ctx;
	const struct pack_source source = { each_of_archive, &r->chosen->archive };
	struct save_options o = cli_save_options(r->c);
	char message[SLOT_MESSAGE];

	snprintf(message, sizeof message, "restored from %s", r->chosen->title);
	o.commit.message = message;
	o.commit.keep = r->which;
	o.commit.ends_trial = true;
	o.commit.reserved = r->reserved;
	return remote_commit(&r->c->layer, &source, &o.commit, &r->saved, e);
}

/* First the running system, which can be undone, then the medium. */
static int restore_both(struct restoring *r, struct names *changed, struct err *e)
{
	struct changing changing = { r->c, changed, save_again, r };
	const struct live_request request = { .saved = &r->chosen->archive,
		                              .before_end = before_end,
		                              .tell = note_change,
		                              .ctx = &changing };
	FD_AUTO lock = -1;

	if (r->c->layer.nosave)
		return err_say(e, "this boot may not write (nosave); nothing was changed");
	if (medium_reserve(&r->c->layer, &lock, e) < 0)
		return err_safe(e, "nothing was changed");
	r->reserved = true;
	return live(&r->c->layer, &request, e);
}

static int restore_chosen(struct cli *c, struct restore_request *request, struct chosen *chosen,
                          struct err *e)
{
	struct restoring r = { .c = c, .which = request->which, .chosen = chosen };
	struct archive_outcome outcome;
	bool both = !request->next_boot && layer_need_overlay(&c->layer, e) == 0;

	if (archive_validate(&chosen->archive, &outcome, e) < 0) {
		err_wrap(e, "%s", chosen->title);
		return err_safe(e, "nothing was changed");
	}
	if ((both ? restore_both(&r, &request->changed, e) : save_again(&r, e)) < 0)
		return -1;
	if (c->layer.trial)
		unlink(c->layer.trial);
	if (!c->quiet && r.saved.slot < 0)
		printf("%s is %s again%s\n", c->layer.remote.url, chosen->title,
		       both ? ", now and at the next boot" : "; the next boot restores it");
	else if (!c->quiet)
		printf("generation %" PRIu64 " is %s again%s\n", r.saved.sequence, chosen->title,
		       both ? ", now and at the next boot"
		            : "; the next boot restores it (what runs now is unchanged)");
	return COMMAND_DONE;
}

static int take_remote(void *ctx, struct err *e)
{
	const struct remote_restore *r = ctx;

	return remote_take(&r->c->layer, r->etag, e);
}

/* What the server holds; it is there already, so only the running system changes. */
static int live_remote(struct remote_restore *r, struct names *changed, struct err *e)
{
	struct changing changing = { r->c, changed, take_remote, r };
	const struct live_request request = { .saved = &r->archive,
		                              .before_end = before_end,
		                              .tell = note_change,
		                              .ctx = &changing };
	struct archive_outcome outcome;
	FD_AUTO lock = -1;

	if (archive_validate(&r->archive, &outcome, e) < 0) {
		err_wrap(e, "%s", r->c->layer.remote.url);
		return err_safe(e, "nothing was changed");
	}
	if (medium_reserve(&r->c->layer, &lock, e) < 0)
		return err_safe(e, "nothing was changed");
	return live(&r->c->layer, &request, e);
}

static int restore_remote(struct cli *c, struct restore_request *request, struct err *e)
{
	struct remote_restore r = { .c = c };
	int result;

	if (c->layer.remote.state == REMOTE_NONE)
		return err_say(e, "which generation? \"slate generations\" lists them; nothing was "
		                  "changed");
	if (layer_need_overlay(&c->layer, e) < 0)
		return -1;
	if (remote_get(&c->layer, &r.archive, r.etag, e) < 0)
		return err_safe(e, "nothing was changed");
	result = live_remote(&r, &request->changed, e);
	fd_drop(&r.archive.fd);
	if (result < 0)
		remote_leave();
	else if (!c->quiet)
		printf("what runs now is what %s holds\n", c->layer.remote.url);
	return result < 0 ? -1 : COMMAND_DONE;
}

int do_restore(struct cli *c, void *arg, struct err *e)
{
	struct restore_request *request = arg;
	struct generations g;
	struct chosen chosen = { .fd = -1 };
	int result;

	if (request->which == GENERATION_NEWEST)
		return restore_remote(c, request, e);
	if (layer_need_medium(&c->layer, e) < 0)
		return -1;
	result = layer_choose(&c->layer, request->which, &g, &chosen, e);
	if (result < 0)
		err_safe(e, "nothing was changed");
	if (result > 0)
		result = restore_chosen(c, request, &chosen, e);
	fd_drop(&chosen.fd);
	generations_drop(&g);
	return result;
}

/* --- revert --- */

struct search {
	const char *path;
	bool found;
};

static int look(void *ctx, const struct member *m, const struct member_data *data, struct err *e)
{
	struct search *s = ctx;

	(void)data, (void)e;
	s->found |= member_is_below(m->path, s->path);
	return 0;
}

static void say_reverted(const struct cli *c, const struct chosen *saved, const char *path)
{
	struct search search = { path, false };
	const struct sink sink = { look, &search };
	struct err e;

	if (given_is_untouched(&c->layer.given, path, &e) > 0) {
		printf("/%s is as the boot has given it\n", path);
		return;
	}
	if (saved->fd >= 0)
		archive_read(&saved->archive, &sink, &e);
	printf("/%s is as in %s\n", path, search.found ? saved->title : "the image");
}

static int read_paths(const struct revert_request *request, struct names *paths, struct err *e)
{
	char path[MEMBER_PATH_MAX];

	for (int i = 0; i < request->n; i++) {
		if (cli_path(request->paths[i], path, e) < 0)
			return -1;
		if (!*path)
			return err_say(e, "the whole root can't be reverted while it runs");
		if (names_add(paths, path, e) < 0)
			return -1;
	}
	return 0;
}

static int revert_paths(struct cli *c, struct revert_request *request, const struct chosen *saved,
                        struct err *e)
{
	struct changing changing = { .c = c, .changed = &request->changed };
	struct live_request live_request = { .saved = saved->fd >= 0 ? &saved->archive : NULL,
		                             .tell = note_change,
		                             .ctx = &changing };
	struct names paths = { 0 };
	FD_AUTO lock = -1;
	int result = read_paths(request, &paths, e);

	live_request.paths = (const char *const *)paths.at;
	live_request.n_paths = paths.n;
	if (result == 0 && medium_reserve(&c->layer, &lock, e) < 0)
		result = err_safe(e, "nothing was changed");
	if (result == 0)
		result = live(&c->layer, &live_request, e);
	for (size_t i = 0; result == 0 && i < paths.n; i++)
		say_reverted(c, saved, paths.at[i]);
	names_drop(&paths);
	return result;
}

int do_revert(struct cli *c, void *arg, struct err *e)
{
	struct revert_request *request = arg;
	struct generations g = { .medium = -1, .dir = -1 };
	struct chosen saved = { .fd = -1 };
	struct archive_outcome outcome;
	int result = layer_need_overlay(&c->layer, e);

	/* without a medium there is still the image */
	if (result == 0 && c->layer.medium_fd >= 0 && !request->image)
		result = layer_choose(&c->layer, GENERATION_NEWEST, &g, &saved, e);
	if (result > 0)
		result = archive_validate(&saved.archive, &outcome, e);
	if (result >= 0)
		result = revert_paths(c, request, &saved, e);
	fd_drop(&saved.fd);
	generations_drop(&g);
	return result < 0 ? -1 : COMMAND_DONE;
}
