/* slate trial: the watch over what is on trial, as a unit. It reads and marks what is on the
 * medium, and has others do the rest: slate-goback.service and slate-init. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../overlay/restore/goback.h"
#include "../../overlay/save/trial.h"
#include "../../overlay/tree/remove.h"
#include "../../overlay/verbs/verbs.h"
#include "../base/clock.h"
#include "../base/command.h"
#include "../base/paths.h"
#include "back.h"
#include "client.h"
#include "tell.h"
#include "verbs.h"

#define BACK      "slate-goback.service"
#define UNDECIDED "the trial still goes on"

enum { BUSY_MS = 60000, TRY_AGAIN_MS = 500 };

static int ask(const char *verb, const char *what, struct err *e)
{
	const char *words[] = { verb, what, NULL };

	return client_ask(words, NULL, NULL, e);
}

enum waited { WAITED_DEADLINE, WAITED_STOPPED };

static enum waited wait_until(uint64_t deadline_ms, const sigset_t *signals)
{
	for (;;) {
		int left_ms = clock_left_ms(deadline_ms);
		const struct timespec left = { left_ms / 1000, left_ms % 1000 * 1000000L };

		if (left_ms == 0)
			return WAITED_DEADLINE;
		if (sigtimedwait(signals, NULL, &left) > 0)
			return WAITED_STOPPED;
	}
}

static bool goes_down(void)
{
	struct manager_info info;
	struct err e;

	return client_manager(&info, &e) == 0 && info.shutdown[0] &&
	       strcmp(info.shutdown, "none") != 0;
}

static bool reached_target(void)
{
	const char *names[] = { "default.target", NULL };
	struct manager_info info;
	struct unit_list list;
	struct err e;
	bool reached;

	if (client_manager(&info, &e) < 0 || !info.finished_us ||
	    client_units(names, &list, &e) < 0)
		return false;
	reached = list.n > 0 && strcmp(list.at[0].active, "active") == 0;
	unit_list_free(&list);
	return reached;
}

/* Another command may be writing; it is done soon. */
static int note(const struct layer *l, uint64_t sequence, enum slot_trial state, struct err *e)
{
	uint64_t deadline_ms = clock_now_ms() + BUSY_MS;
	const struct timespec pause = { 0, TRY_AGAIN_MS * 1000000L };
	struct trial t;
	struct err why;

	for (;;) {
		/* and may have ended the trial itself */
		if (trial_find(l, sequence, &t, &why) == 0 &&
		    (!t.sequence || t.state == SLOT_TRIAL_KEPT || t.state >= SLOT_TRIAL_LATE))
			return 0;
		if (trial_note(l, sequence, state, false, e) == 0)
			return 0;
		if (l->nosave || l->medium_fd < 0 || clock_left_ms(deadline_ms) == 0)
			return -1;
		nanosleep(&pause, NULL);
	}
}

/* What slate-goback.service has left behind. 1: it is back, `title` says what; 0: it could not
 * be, *e says why; -1 with *e: it was ended before it could say. */
static int read_goneback(struct names *changed, char *title, size_t size, struct err *e)
{
	int result = goneback_read(PATH_GONEBACK, changed, title, size, e);

	unlink(PATH_GONEBACK);
	return result;
}

/* What reads the medium writes nothing of the root, and the other way round. */
static int put_back(const struct layer *l, struct names *changed, char *title, size_t size,
                    struct err *e)
{
	struct err late, why = { 0 };
	int result;

	unlink(PATH_GONEBACK);
	/* a medium that was let go is there for this process alone */
	if (l->recalled && goback_lend(l, PATH_LENT, e) < 0)
		return 0;
	ask("start", BACK, &why);
	result = read_goneback(changed, title, size, e);
	if (result < 0 && why.text[0])
		*e = why;
	if (l->recalled && remove_tree(AT_FDCWD, PATH_LENT, &late) < 0)
		printf("%s\n", late.text);
	return result;
}

/* No boot takes it any more. Runs again when it is killed, but not when it fails. */
static int go_back(struct cli *c, uint64_t sequence, uint32_t seconds, bool unreached,
                   struct err *e)
{
	struct names changed = { 0 };
	char what[160], title[64] = "";
	int result;

	snprintf(what, sizeof what, "generation %" PRIu64 " was on trial for %s: %s", sequence,
	         trial_time(seconds).text,
	         unreached ? "its boot did not reach its target" : "it was not confirmed");
	if (unreached) {
		tell_degraded("%s; restarting without it", what);
		return ask("shutdown", "reboot", e);
	}
	result = put_back(&c->layer, &changed, title, sizeof title, e);
	if (result == 0)
		tell_degraded(
			"%s; the next boot takes the one before, but what runs can't be put back: %s",
			what, e->text);
	else if (result > 0)
		tell_degraded("%s; %s is back", what, title);
	if (result >= 0) {
		unlink(PATH_TRIAL);
		back_services(c->verb, &changed, true);
	}
	names_drop(&changed);
	if (result < 0)
		return err_safe(e, UNDECIDED);
	return result > 0 ? 0 : -1;
}

/* One that can't be found on the medium now was not confirmed: a boot would not take it,
 * so it is not kept here either. */
static void find(const struct layer *l, const struct trialfile *file, struct trial *t)
{
	struct err e;

	if (trial_find(l, file->sequence, t, &e) == 0 && t->sequence)
		return;
	*t = (struct trial){ file->sequence, SLOT_TRIAL_OPEN, file->seconds };
}

/* That the slot can't be marked keeps nobody from going back: no boot takes a trial
 * that is neither armed nor kept. */
static int deadline(struct cli *c, const struct trialfile *file, struct err *e)
{
	bool unreached = file->booted && !file->ended && !reached_target();
	enum slot_trial state = file->ended ? SLOT_TRIAL_CUT
	                        : unreached ? SLOT_TRIAL_UNREACHED
	                                    : SLOT_TRIAL_LATE;
	struct trial t;

	find(&c->layer, file, &t);
	if (t.sequence && t.state != SLOT_TRIAL_KEPT && note(&c->layer, t.sequence, state, e) < 0)
		printf("%s\n", e->text);
	find(&c->layer, file, &t);
	if (!file->ended && t.sequence && t.state != SLOT_TRIAL_KEPT && t.state != SLOT_TRIAL_LEFT)
		return go_back(c, t.sequence, file->seconds,
		               t.state == SLOT_TRIAL_UNREACHED || unreached, e);
	unlink(PATH_TRIAL);
	return 0;
}

/* Down in order: the next boot may try it, if this one was not that already. */
static int stopped(struct cli *c, const struct trialfile *file, struct err *e)
{
	struct trial t;

	if (!goes_down() || file->booted || trial_find(&c->layer, file->sequence, &t, e) < 0 ||
	    t.state != SLOT_TRIAL_OPEN)
		return 0;
	return note(&c->layer, t.sequence, SLOT_TRIAL_ARMED, e);
}

static int do_watch(struct cli *c, void *arg, struct err *e)
{
	const sigset_t *signals = arg;
	struct trialfile file;
	enum waited waited;
	int found = trialfile_read(PATH_TRIAL, &file, e);

	if (found <= 0)
		return found < 0 ? err_safe(e, UNDECIDED) : COMMAND_DONE;
	waited = file.ended ? WAITED_DEADLINE : wait_until(file.deadline_ms, signals);
	/* a save has put its number in by now */
	found = trialfile_read(PATH_TRIAL, &file, e);
	if (found <= 0)
		return found < 0 ? err_safe(e, UNDECIDED) : COMMAND_DONE;
	return (waited == WAITED_STOPPED ? stopped(c, &file, e) : deadline(c, &file, e)) < 0
	               ? -1
	               : COMMAND_DONE;
}

int ctl_trial(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	return argc > 1 ? cli_usage(&c, "") : cli_run(&c, do_watch, &signals);
}
