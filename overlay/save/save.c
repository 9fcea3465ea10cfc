#include "save.h"

#include <stdio.h>
#include <stdlib.h>

#include "../../init/base/fd.h"
#include "../../init/base/hook.h"
#include "../../init/base/paths.h"
#include "../changes/savelist.h"
#include "../tree/livestep.h"
#include "remote.h"

enum { HOOK_LIMIT_MS = 30000 };

int save_each(const struct layer *l, const struct save_options *o, const struct sink *sink,
              struct err *e)
{
	struct savelist list = { 0 };
	struct upper u = { .upper = l->upper_fd,
		           .pristine = l->pristine_fd,
		           .list = &list,
		           .given = &l->given,
		           .left_out = o->left_out,
		           .ctx = o->ctx };
	int result = layer_need_overlay(l, e);

	if (result == 0)
		result = savelist_load(&list, l->root_fd, e);
	if (result == 0)
		result = upper_walk(&u, sink, e);
	savelist_drop(&list);
	return result;
}

struct outside {
	const struct savelist *kept;
	bool unruled;
	const struct sink *sink;
};

static int pass_outside(void *ctx, const struct member *m, const struct member_data *data,
                        struct err *e)
{
	const struct outside *o = ctx;
	enum save_kind kind = savelist_rule(o->kept, m->path);

	if (kind == SAVE_KEEP || (o->unruled && kind != SAVE_NONE) ||
	    (kind == SAVE_LINKS && m->type == MEMBER_SYMLINK))
		return 0;
	return o->sink->member(o->sink->ctx, m, data, e);
}

int save_each_outside(const struct layer *l, bool unruled, const struct sink *sink, struct err *e)
{
	struct savelist kept = { 0 }, everything = { 0 };
	struct outside outside = { &kept, unruled, sink };
	const struct sink filter = { pass_outside, &outside };
	const struct upper u = { .upper = l->upper_fd,
		                 .pristine = l->pristine_fd,
		                 .list = &everything,
		                 .given = &l->given };
	int result = layer_need_overlay(l, e);

	if (result == 0)
		result = savelist_load(&kept, l->root_fd, e);
	if (result == 0)
		result = savelist_add(&everything, span_of("+/"), e);
	if (result == 0)
		result = upper_walk(&u, &filter, e);
	savelist_drop(&kept);
	savelist_drop(&everything);
	return result;
}

struct source {
	const struct layer *l;
	struct save_options o;
};

static int each(void *ctx, const struct sink *sink, struct err *e)
{
	struct source *s = ctx;
	int torn = live_steps_wait(s->l->root_fd, e), result;

	if (torn)
		return torn < 0 ? -1
		                : err_say(e, "a command that put files back was killed, and what "
		                             "it had begun is not undone");
	result = save_each(s->l, &s->o, sink, e);
	/* a large archive is made twice; what is left out is told once */
	s->o.left_out = NULL;
	return result;
}

struct hook_log {
	const struct save_options *o;
	char failed[128];
};

static void say_hook(void *ctx, const char *script, const char *line, int failed)
{
	struct hook_log *log = ctx;
	char text[700];

	snprintf(text, sizeof text, "%s: %s", script, line);
	if (failed)
		snprintf(log->failed, sizeof log->failed, "%.127s", text);
	else if (log->o->commit.note)
		log->o->commit.note(log->o->commit.ctx, text);
}

static int run_hooks(const struct layer *l, const struct save_options *o, const char *phase,
                     uint64_t sequence, struct err *e)
{
	char name[160], medium[300], generation[64], phase_text[64];
	char path[] = "PATH=" PATH_SEARCH;
	char *environment[] = { path, name, medium, generation, phase_text, NULL };
	struct hook_log log = { o, "" };
	struct hook_run run = { .phase = phase,
		                .dirs = l->hooks,
		                .environment = environment,
		                .limit_ms = HOOK_LIMIT_MS,
		                .say = say_hook,
		                .ctx = &log };

	if (!l->hooks)
		return 0;
	snprintf(name, sizeof name, "SLATE_NAME=%s", l->name);
	snprintf(medium, sizeof medium, "SLATE_MEDIUM=%s", l->medium);
	snprintf(generation, sizeof generation, "SLATE_GENERATION=%llu",
	         (unsigned long long)sequence);
	snprintf(phase_text, sizeof phase_text, "SLATE_PHASE=%s", phase);

	int failed = hook_run_phase(&run, e);

	return failed > 0 ? err_say(e, "%s hook %s", phase, log.failed) : failed;
}

int save(const struct layer *l, const struct save_options *o, struct commit_result *out,
         struct err *e)
{
	struct source source = { l, *o };
	const struct pack_source pack_source = { each, &source };
	struct err late;

	*out = (struct commit_result){ 0 };
	if (l->nosave)
		return err_say(e, "this boot may not write (nosave); nothing was changed");
	if (layer_need_overlay(l, e) < 0 ||
	    (l->remote.state == REMOTE_NONE && layer_need_medium(l, e) < 0))
		return -1;
	if (run_hooks(l, o, "pre-save", 0, e) < 0)
		return err_wrap(e, "nothing was saved");
	if ((o->spools ? remote_spool : remote_commit)(l, &pack_source, &o->commit, out, e) < 0)
		return -1;
	if (l->apkovl && o->commit.note)
		o->commit.note(o->commit.ctx, "saved, but apkovl= on the kernel's command line is "
		                              "what the next boot restores");
	/* it is saved, whatever these say */
	if (run_hooks(l, o, "post-save", out->sequence, &late) < 0 && o->commit.note)
		o->commit.note(o->commit.ctx, late.text);
	return 0;
}

static int to_fd(void *fd, const void *bytes, size_t len, struct err *e)
{
	return fd_write_full(*(int *)fd, bytes, len) < 0 ? err_sys(e, "write") : 0;
}

int save_export(const struct layer *l, const struct save_options *o, int fd, struct err *e)
{
	struct source source = { l, *o };
	const struct pack_source pack_source = { each, &source };
	struct pack_result packed;

	return pack(&pack_source, true, to_fd, &fd, &packed, e);
}

static int nothing(void *ctx, const struct sink *sink, struct err *e)
{
	(void)ctx;
	(void)sink;
	(void)e;
	return 0;
}

int save_reset(const struct layer *l, const struct commit_options *o, struct commit_result *out,
               struct err *e)
{
	const struct pack_source empty = { nothing, NULL };

	return remote_commit(l, &empty, o, out, e);
}
