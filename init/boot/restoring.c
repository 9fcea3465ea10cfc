#include "restoring.h"

#include <inttypes.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "../../overlay/medium/medium.h"
#include "../../overlay/medium/remotefile.h"
#include "../../overlay/slot/known.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "layer.h"
#include "machine.h"
#include "memory.h"
#include "network.h"
#include "place.h"
#include "remote.h"
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

/* For the one sector that notes that a trial is taken. */
static int set_writable(void *ctx, bool writable, struct err *e)
{
	const struct boot *b = ctx;

	FD_AUTO saves = open(PATH_SAVE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat here, above;

	if (b->settings.nosave)
		return err_say(e, "this boot may not write (nosave)");
	/* slate.save= is mounted there */
	if (saves >= 0 && fstat(saves, &here) == 0 && stat(PATH_RUN, &above) == 0 &&
	    here.st_dev != above.st_dev)
		return medium_set_writable(PATH_SAVE, saves, writable, e);
	return medium_set_writable(PATH_MEDIUM, b->medium.dir, writable, e);
}

static void choose_name(struct boot *b)
{
	struct machine m = { 0 };
	struct err e;

	if (machine_pattern_has(b->settings.name, "{MAC}"))
		network_wait_card(b, NETWORK_CARD_MS);
	machine_read(&m, b->settings.name, b->settings.bootif);
	if (machine_fill(&m, b->settings.name, b->name, sizeof b->name, &e) == 0)
		return;
	boot_degrade(b, "%s; the name \"default\" is used", e.text);
	strcpy(b->name, "default");
}

/* apkovl= as a path on the medium; NULL: another form, or nothing. */
static const char *archive_of(const struct boot *b)
{
	const char *path = b->settings.apkovl;

	if (!path[0] || strstr(path, "://") || place_is_archive(path))
		return NULL;
	return path + strspn(path, "/");
}

static struct restore_plan plan_for(struct boot *b, const struct vouch *vouch, int medium,
                                    const char *apkovl)
{
	return (struct restore_plan){
		.medium = medium,
		.pristine = b->root.dir,
		.name = b->name,
		.generation = b->settings.generation,
		.older = b->settings.older,
		.vouch = vouch,
		.apkovl = apkovl,
		.record = PATH_RESTORED,
		.trial = PATH_TRIAL,
		.fresh_root = fresh_root,
		.unlock = unlock_ask,
		.set_writable = set_writable,
		.degraded = tell,
		.ctx = b,
	};
}

/* What a server holds; nothing restored where it holds nothing that is good. */
static int restore_remote(struct boot *b, const struct vouch *vouch, struct err *e)
{
	FD_AUTO run = open(PATH_RUN, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct restore_plan plan = plan_for(b, vouch, run, &REMOTE_ARCHIVE[sizeof PATH_RUN]);
	char title[256] = "";

	if (run < 0)
		return err_sys(e, "open " PATH_RUN);
	if (remote_fetch(b, title, sizeof title) <= 0)
		return 0;
	if (restore_boot(&plan, &b->restored, e) < 0)
		return -1;
	if (b->restored.restored)
		snprintf(b->restored.source, sizeof b->restored.source, "%s", title);
	return 0;
}

/* apkovl=DEVICE:[FSTYPE:]PATH. What is wrong with it is told, and the rest is tried. */
static int restore_other(struct boot *b, const struct vouch *vouch, struct err *e)
{
	struct place place;
	struct err why = { 0 };
	FD_AUTO dir = place_parse_archive(b->settings.apkovl, &place, &why) < 0
	                      ? -1
	                      : place_mount(b, "apkovl=", &place, PATH_APKOVL, &why);
	struct restore_plan plan = plan_for(b, vouch, dir, place.path);
	int result = 0;

	if (dir < 0)
		boot_degrade(b, "apkovl=: %s; the newest generation is taken", why.text);
	else
		result = restore_boot(&plan, &b->restored, e);
	fd_drop(&dir);
	umount2(PATH_APKOVL, MNT_DETACH);
	return result;
}

/* Where saves live: the device of slate.save=, else the medium. */
static int open_saves(struct boot *b)
{
	struct place place;
	struct err e = { 0 };
	int dir = -1;

	if (b->settings.save[0] && !strstr(b->settings.save, "://")) {
		if (place_parse_device(b->settings.save, &place, &e) == 0)
			dir = place_mount(b, "slate.save=", &place, PATH_SAVE, &e);
		if (dir < 0)
			boot_degrade(b, "slate.save=: %s; the medium is used instead", e.text);
	}
	return dir >= 0 ? dir : fcntl(b->medium.dir, F_DUPFD_CLOEXEC, 3);
}

/* A machine with a medium has its last saves there too. */
static int restore_all(struct boot *b, const struct vouch *vouch, struct err *e)
{
	FD_AUTO saves = open_saves(b);
	struct restore_plan plan = plan_for(b, vouch, saves, archive_of(b));

	/* a path of apkovl= is one on the medium */
	if (plan.apkovl)
		plan.medium = b->medium.dir;
	if (remote_is_asked(&b->settings) && restore_remote(b, vouch, e) < 0)
		return -1;
	if (place_is_archive(b->settings.apkovl) && restore_other(b, vouch, e) < 0)
		return -1;
	return b->restored.restored ? 0 : restore_boot(&plan, &b->restored, e);
}

int restoring_run(struct boot *b, struct err *e)
{
	struct vouch vouch;

	choose_name(b);
	if (b->settings.norestore && b->settings.nosave)
		return STAGE_WAS_SKIPPED;
	secrets_open(b, &vouch);
	if (b->settings.norestore) {
		/* what is saved later goes there all the same */
		int saves = open_saves(b);

		fd_drop(&saves);
		return STAGE_WAS_SKIPPED;
	}
	if (restore_all(b, &vouch, e) < 0) {
		struct err ignored; /* the switch says that there is no root */

		layer_make(b, &ignored);
		return -1;
	}
	if (known_note(PATH_KNOWN, b->name, b->restored.sequence, e) < 0)
		boot_degrade(b, "restore: %s", e->text);
	memory_clock(b, b->restored.time, "the generation that was restored");
	if (b->restored.restored)
		boot_say(b, REPORT_INFO, "restore: generation %" PRIu64 " (%s, %" PRIu64 " files)",
		         b->restored.sequence, b->restored.source, b->restored.files);
	return 0;
}
