/* identity: who this machine is, as units: made and saved once, and what its medium
 * remembers of each boot. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../overlay/identity/identity.h"
#include "../../overlay/identity/keepstate.h"
#include "../../overlay/identity/seed.h"
#include "../../overlay/slot/generations.h"
#include "../../overlay/slot/known.h"
#include "../../overlay/slot/trialfile.h"
#include "../../overlay/verbs/cli.h"
#include "../base/command.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/settings.h"
#include "tell.h"
#include "verbs.h"

enum { READY_S = 30 };

#define DMI     "/sys/class/dmi/id"
#define MESSAGE "identity of this machine"

/* --- What the medium remembers --- */

static bool renew(void *ctx, struct statefile *s)
{
	(void)ctx;
	s->time = (int64_t)time(NULL);
	seed_renew(s);
	return true;
}

/* The new seed is on the medium before the old one is credited. Where the old one is
 * none to credit, the new one waits for a generator that is ready. */
static void carry_seed(void)
{
	const struct keepstate k = { renew, NULL };
	struct statefile old;
	struct err e, why;

	if (keepstate_read(&old, &e) < 0)
		tell("random seed: %s", e.text);
	if (seed_mix(&old, &e) < 0)
		tell("random seed: %s", e.text);
	if (!old.has_seed || !old.seed_good)
		seed_wait_ready(READY_S);
	if (keepstate(&k, &e) < 0)
		tell("random seed: not stored, so the old one is not credited: %s", e.text);
	else if (seed_credit(&old, &why) < 0)
		tell("random seed: %s", why.text);
	sodium_memzero(&old, sizeof old);
}

struct seen {
	char text[4096];
	bool full;
};

static bool raise_all(void *ctx, struct statefile *s)
{
	struct seen *seen = ctx;
	struct span all = span_of(seen->text), line, name, value;
	bool any = false;

	while (span_line(&all, &line)) {
		char image[65];
		uint64_t version;

		span_cut(line, '=', &name, &value);
		if (!span_copy(name, image, sizeof image) || !span_uint(value, INT64_MAX, &version))
			continue;

		int raised = statefile_raise(s, image, version);

		any |= raised > 0;
		seen->full |= raised < 0;
	}
	return any;
}

/* The images of this boot have carried it far enough: none older runs from now on. */
static int settled(void)
{
	struct seen seen = { .full = false };
	const struct keepstate k = { raise_all, &seen };
	struct err e;

	if (fd_read_file(AT_FDCWD, PATH_VERSIONS, seen.text, sizeof seen.text, &e) < 0)
		return COMMAND_DONE;
	if (keepstate(&k, &e) < 0) {
		tell_degraded("image: its version can't be remembered: %s; an older one would be "
		              "accepted",
		              e.text);
		return COMMAND_DONE;
	}
	if (seen.full)
		tell_degraded("image: the versions of more than %d images can't be remembered",
		              STATEFILE_IMAGES_MAX);
	return COMMAND_DONE;
}

static int stop(void)
{
	const struct keepstate k = { renew, NULL };
	struct err e;

	if (keepstate(&k, &e) < 0)
		tell("clock and random seed: not stored: %s", e.text);
	return COMMAND_DONE;
}

/* --- Saving what was made --- */

/* Whether a generation is on the medium, whole or not, that this boot did not restore. */
static int is_passed_over(const struct layer *l, struct err *e)
{
	uint64_t known = known_read(l->known, l->name);
	struct generations g;
	int result = generations_scan(&g, l->medium_fd, l->name, &l->vouch, e);

	for (size_t i = 0; result == 0 && i < g.set.n; i++) {
		const struct slot *slot = &g.set.slots[i];

		if (slot->record.sequence > known)
			result = err_say(e, "generation %" PRIu64 " is on the medium and was not "
			                    "restored",
			                 slot->record.sequence);
		else if (known == 0 && slot->state != SLOT_EMPTY && slot->state != SLOT_UNFINISHED)
			result = err_say(e, "slot-%d is in use and was not restored", slot->number);
	}
	generations_drop(&g);
	return result;
}

/* A save by itself must never hide what somebody saved. */
static int may_save(const struct layer *l, const struct settings *s, struct err *e)
{
	struct trialfile trial;
	int found;

	if (s->norestore)
		return err_say(e, "nothing was restored in this boot (norestore)");
	if (s->generation || s->older || s->apkovl[0])
		return err_say(e, "this boot was told what to restore");
	found = trialfile_read(PATH_TRIAL, &trial, e);
	if (found < 0)
		return -1;
	if (found > 0)
		return err_say(e, "a generation is on trial");
	if (l->remote.state != REMOTE_NONE || l->medium_fd < 0)
		return 0;
	return is_passed_over(l, e);
}

static void save_made(struct cli *c, const struct settings *s, const char *made)
{
	struct save_options o = cli_save_options(c);
	struct commit_result r;
	struct err e;

	o.commit.message = MESSAGE;
	if (may_save(&c->layer, s, &e) < 0 || save(&c->layer, &o, &r, &e) < 0)
		tell_degraded("identity: %s made, but not saved: %s; the next boot makes others",
		              made, e.text);
	else
		tell("identity: %s made and saved (generation %" PRIu64 ")", made, r.sequence);
}

/* The supervisor has looked before the name was there. */
static void set_hostname(void)
{
	char text[256], now[256] = "";
	struct err ignored;
	ssize_t len = fd_read_file(AT_FDCWD, "/etc/hostname", text, sizeof text, &ignored);
	struct span name = span_trim((struct span){ text, len < 0 ? 0 : (size_t)len });

	gethostname(now, sizeof now - 1);
	if (now[0] && strcmp(now, "(none)") != 0 && strcmp(now, "localhost") != 0)
		return;
	if (name.len && sethostname(name.at, name.len) < 0)
		tell("set the host's name: %s", strerror(errno));
}

static void choose_maker(struct identity_maker *m, const struct layer *l, const struct settings *s)
{
	struct err e;

	*m = (struct identity_maker){ .derive = false };
	if (s->identity == IDENTITY_DERIVE && identity_derive_from(m, l->root_fd, DMI, &e) < 0) {
		*m = (struct identity_maker){ .derive = false };
		tell_degraded("identity: can't be derived: %s; one is made instead", e.text);
	}
}

static int ensure(struct cli *c, void *arg, struct err *e)
{
	const struct settings *s = arg;
	struct identity_maker m;
	char made[IDENTITY_MADE];

	if (layer_need_overlay(&c->layer, e) < 0)
		return -1;
	if (!seed_wait_ready(READY_S)) {
		tell_degraded(
			"identity: the random generator was not ready within %d s; none was made",
			READY_S);
		return COMMAND_DONE;
	}
	choose_maker(&m, &c->layer, s);

	int n = identity_ensure(c->layer.root_fd, &m, made, e);

	if (n < 0)
		tell_degraded("identity: %s", e->text);
	set_hostname();
	if (made[0] && m.derive)
		tell("identity: %s derived from this machine and the site's secret", made);
	else if (made[0])
		save_made(c, s, made);
	sodium_memzero(&m, sizeof m);
	return COMMAND_DONE;
}

int ctl_identity(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct settings s;
	struct err e;
	int known = settings_running(&s, &e);

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--settled") != 0 &&
	                 strcmp(argv[1], "--stop") != 0))
		return cli_usage(&c, "[--settled | --stop]");
	if (known < 0) {
		cli_complain(&c, e.text);
		return COMMAND_FAILED;
	}
	if (s.identity == IDENTITY_NO)
		return COMMAND_DONE;
	if (argc == 2)
		return strcmp(argv[1], "--settled") == 0 ? settled() : stop();
	carry_seed();
	return cli_run(&c, ensure, &s);
}
