#include "restoring.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "../../overlay/known.h"
#include "../base/clock.h"
#include "../base/paths.h"
#include "devices.h"
#include "layer.h"
#include "machine.h"
#include "secrets.h"
#include "stage.h"
#include "unlock.h"

enum { NETWORK_CARD_MS = 5000 };

static int fresh_root(void *ctx, struct err *e)
{
	struct boot *b = ctx;

	if (!b->fresh && layer_make(b, e) < 0)
		return -1;
	b->fresh = false;
	return b->sysroot;
}

static void tell(void *ctx, const char *text)
{
	boot_degrade(ctx, "restore: %s", text);
}

/* A card is not needed to find the medium, so its driver may not be there yet. */
static void wait_for_network_card(struct boot *b, struct machine *m)
{
	uint64_t deadline_ms = clock_now_ms() + NETWORK_CARD_MS;

	for (;;) {
		machine_read(m, b->settings.name, b->settings.bootif);
		if (m->mac[0] || clock_left_ms(deadline_ms) == 0)
			return;
		if (devices_turn(b, RANK_NETWORK) == DEVICES_NEWS)
			continue;

		struct pollfd in = { b->monitor, POLLIN, 0 };

		poll(&in, 1, clock_left_ms(deadline_ms));
	}
}

static void choose_name(struct boot *b)
{
	struct machine m = { 0 };
	struct err e;

	if (machine_pattern_has(b->settings.name, "{MAC}"))
		wait_for_network_card(b, &m);
	else
		machine_read(&m, b->settings.name, b->settings.bootif);
	if (machine_fill(&m, b->settings.name, b->name, sizeof b->name, &e) == 0)
		return;
	boot_degrade(b, "%s; the name \"default\" is used", e.text);
	strcpy(b->name, "default");
}

/* apkovl=: a path on the medium. The other forms take what this version lacks. */
static const char *archive_of(const struct boot *b)
{
	const char *path = b->settings.apkovl;

	if (!path[0])
		return NULL;
	if (strstr(path, "://") || (path[0] != '/' && strchr(path, ':'))) {
		boot_degrade(b,
		             "apkovl=%s: only a path on the medium can be restored; the newest "
		             "generation is taken",
		             path);
		return NULL;
	}
	return path + strspn(path, "/");
}

int restoring_run(struct boot *b, struct err *e)
{
	struct vouch vouch;

	choose_name(b);
	if (b->settings.norestore && b->settings.nosave)
		return STAGE_WAS_SKIPPED;
	secrets_open(b, &vouch);
	if (b->settings.norestore)
		return STAGE_WAS_SKIPPED;

	struct restore_plan plan = {
		.medium = b->medium.dir,
		.pristine = b->root.dir,
		.name = b->name,
		.generation = b->settings.generation,
		.older = b->settings.older,
		.vouch = &vouch,
		.apkovl = archive_of(b),
		.record = PATH_RESTORED,
		.fresh_root = fresh_root,
		.unlock = unlock_ask,
		.degraded = tell,
		.ctx = b,
	};

	if (restore_boot(&plan, &b->restored, e) < 0) {
		struct err ignored; /* the switch says that there is no root */

		layer_make(b, &ignored);
		return -1;
	}
	if (known_note(PATH_KNOWN, b->name, b->restored.sequence, e) < 0)
		boot_degrade(b, "restore: %s", e->text);
	if (b->restored.restored)
		boot_say(b, REPORT_INFO, "restore: generation %" PRIu64 " (%s, %" PRIu64 " files)",
		         b->restored.sequence, b->restored.source, b->restored.files);
	return 0;
}
