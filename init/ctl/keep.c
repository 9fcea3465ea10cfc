/* keep: saves what this boot has made of its identity, as units: one that reads the root
 * and writes the medium, and, where saves go to a server, one that sends and touches
 * neither. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../overlay/save/remote.h"
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

#define MESSAGE "identity of this machine"

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

/* What is not yet kept of what was made, or "". */
static void read_made(char *made, size_t size)
{
	struct err ignored;

	if (fd_read_file(AT_FDCWD, PATH_MADE, made, size, &ignored) < 0)
		made[0] = '\0';
}

static void finish(const char *made, const struct err *failed, uint64_t sequence)
{
	if (failed)
		tell_degraded("identity: %s made, but not saved: %s; the next boot makes others",
		              made, failed->text);
	else if (sequence)
		tell("identity: %s made and saved (generation %" PRIu64 ")", made, sequence);
	else
		tell("identity: %s made and saved on the server", made);
	unlink(PATH_MADE);
}

/* No hooks: no service runs yet whose files they would gather. */
static int save_layer(struct cli *c, const struct settings *s, struct commit_result *r,
                      struct err *e)
{
	struct save_options o = cli_save_options(c);

	layer_default(&c->layer);
	c->layer.hooks = NULL;
	o.commit.message = MESSAGE;
	o.spools = true;
	if (layer_open(&c->layer, e) < 0 || may_save(&c->layer, s, e) < 0)
		return -1;
	return save(&c->layer, &o, r, e);
}

static void keep(struct cli *c, const struct settings *s, const char *made)
{
	struct commit_result r = { 0 };
	struct err e;
	int result = save_layer(c, s, &r, &e);

	/* slate-keep-send.service goes on */
	if (result < 0 || c->layer.remote.state == REMOTE_NONE)
		finish(made, result < 0 ? &e : NULL, r.sequence);
	layer_close(&c->layer);
}

static void send(struct cli *c, const char *made)
{
	struct save_options o = cli_save_options(c);
	struct err e;
	int result = remote_send(&o.commit, &e);

	finish(made, result < 0 ? &e : NULL, 0);
}

int ctl_keep(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	bool sends = argc == 2 && strcmp(argv[1], "--send") == 0;
	struct settings s;
	char made[256];
	struct err e;

	if (argc > 1 && !sends)
		return tell_usage(argv[0]);
	if (settings_running(&s, &e) < 0)
		return tell_failed(argv[0], &e);
	read_made(made, sizeof made);
	if (made[0] && sends)
		send(&c, made);
	else if (made[0])
		keep(&c, &s, made);
	return COMMAND_DONE;
}
