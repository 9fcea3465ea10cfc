#include "goback.h"

#include <stdio.h>
#include <string.h>

#include "../../init/base/fd.h"
#include "../medium/medium.h"
#include "../slot/generations.h"
#include "live.h"

/* Another save may be running; it is done soon. */
enum { BUSY_MS = 60000 };

#define UNTOUCHED "what runs is as it was"

static void note_change(void *ctx, char kind, const char *path)
{
	struct err e;

	(void)kind;
	/* without memory the list of services is shorter */
	pathlist_add(ctx, path, strlen(path), &e);
}

static int put_back(const struct layer *l, const struct chosen *chosen, struct pathlist *changed,
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

	if (generations_scan(g, l->medium_fd, l->name, &l->vouch, e) < 0)
		return -1;
	generations_verify(g);
	slot = slotset_settled(&g->set);
	if (!slot && !g->n_foreign)
		return 0;
	return generations_choose(g, slot ? slot->record.sequence : GENERATION_FOREIGN,
	                          l->pristine_fd, chosen, e);
}

int goback(const struct layer *l, struct pathlist *changed, struct goback_result *out,
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
