/* slate save --try and slate confirm: the begin of a trial and its good end. */
#include "../../overlay/save/trial.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../overlay/verbs/verbs.h"
#include "../base/clock.h"
#include "../base/command.h"
#include "../base/paths.h"
#include "client.h"
#include "verbs.h"

#define WATCH "slate-trial.service"
#define UNDECIDED "the trial still goes on"

static int ask(const char *verb, const char *what, struct err *e)
{
	const char *words[] = { verb, what, NULL };

	return client_ask(words, NULL, NULL, e);
}

/* --- save --- */

/* The watch is there before the generation is: whatever happens to this command, what
 * it has saved by then goes away again. */
static int begin(uint32_t seconds, struct err *e)
{
	const struct trialfile t = { .seconds = seconds,
		                     .deadline_ms = clock_now_ms() + 1000ull * seconds };
	struct err stop;

	ask("stop", WATCH, &stop);
	if (trialfile_write(PATH_TRIAL, &t, e) == 0 && ask("start", WATCH, e) == 0)
		return 0;
	unlink(PATH_TRIAL);
	err_wrap(e, "nobody would watch over a trial");
	return err_safe(e, "nothing was saved");
}

static void end(const struct trialfile *before)
{
	struct err e;

	if (!before || trialfile_write(PATH_TRIAL, before, &e) < 0)
		unlink(PATH_TRIAL);
	ask("stop", WATCH, &e);
	if (before && ask("start", WATCH, &e) < 0)
		fprintf(stderr, "slate: save: nobody watches over the trial that was running: %s\n",
		        e.text);
}

int ctl_save(int argc, char **argv)
{
	static const struct save_watch watch = { begin, end };

	return verb_save(argc, argv, &watch);
}

/* --- confirm --- */

/* Keeps what is on trial here, unless that was done before. */
static int keep(const struct layer *l, const struct trialfile *file, uint64_t *sequence,
                struct err *e)
{
	struct trial t;

	if (trial_find(l, file->sequence, &t, e) < 0)
		return -1;
	*sequence = t.sequence;
	if (!t.sequence && file->sequence)
		return err_say(e, "generation %" PRIu64 " can't be read on the medium",
		               file->sequence);
	if (!t.sequence)
		return err_say(e, "what is on trial is not saved yet");
	return t.state == SLOT_TRIAL_KEPT ? 0
	                                  : trial_note(l, t.sequence, SLOT_TRIAL_KEPT, false, e);
}

static int do_confirm(struct cli *c, void *arg, struct err *e)
{
	struct trialfile file;
	uint64_t sequence;
	int found = trialfile_read(PATH_TRIAL, &file, e);

	(void)arg;
	if (found == 0 || (found > 0 && file.ended))
		return err_say(e, "no generation is on trial; nothing was changed");
	if (found < 0 || keep(&c->layer, &file, &sequence, e) < 0)
		return err_safe(e, UNDECIDED);
	printf("generation %" PRIu64 " is kept\n", sequence);
	end(NULL);
	return COMMAND_DONE;
}

int ctl_confirm(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };

	return argc > 1 ? cli_usage(&c, "") : cli_run(&c, do_confirm, NULL);
}
