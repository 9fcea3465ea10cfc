#include "record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../../init/base/fd.h"
#include "box.h"
#include "sequence.h"
#include "tree.h"

enum { SECTOR = 512 };

static int acknowledge(const char *device, int generation, struct err *e)
{
	alignas(4096) char sector[SECTOR] = "POWERCUT-ACK";
	FD_AUTO fd = open(device, O_WRONLY | O_DIRECT | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, -SECTOR, SEEK_END);

	snprintf(sector + 16, sizeof sector - 16, "%d", generation);
	if (end < 0 || pwrite(fd, sector, SECTOR, end) != SECTOR)
		return err_sys(e, "write the acknowledgement");
	return 0;
}

/* Each save believes that it is a day before the one before it. */
static void turn_clock_back(int step)
{
	const struct timespec then = { 1767225600 - 86400 * step, 0 };

	clock_settime(CLOCK_REALTIME, &then);
}

/* --- The actions: each leaves in r->kept what a boot must find --- */

static int do_save(struct record *r, int generation, struct err *e)
{
	if (r->sequence->save(e) < 0)
		return -1;
	r->kept = generation;
	return 0;
}

static int do_larger(struct record *r, int generation, struct err *e)
{
	struct err refused;

	if (do_save(r, generation, &refused) == 0)
		return 0;
	/* by slate's own reckoning, or by a file system that keeps room for itself, as xfs does */
	return strstr(refused.text, ": full: ") || strstr(refused.text, "No space left on device")
	               ? 0
	               : err_say(e, "%s", refused.text);
}

static int do_reset(struct record *r, int generation, struct err *e)
{
	if (r->sequence->reset(e) < 0)
		return -1;
	r->kept = generation;
	return 0;
}

static int do_cut_off(struct record *r, int generation, struct err *e)
{
	if (r->sequence->save_cut_off(e) < 0)
		return -1;
	r->kept = generation;
	return 0;
}

static int do_try(struct record *r, int generation, struct err *e)
{
	r->tried = generation;
	return r->sequence->save_on_trial(e);
}

/* What is restored by the next boot and what is not change places. */
static int note_trial(struct record *r, enum slot_trial state, bool swap, struct err *e)
{
	int kept = r->kept;

	if (r->sequence->note_trial(state, e) < 0)
		return -1;
	if (swap) {
		r->kept = r->tried;
		r->tried = kept;
	}
	return 0;
}

/* Zeros: they need not be laid out for every state. */
static int do_fill(struct record *r, int generation, struct err *e)
{
	(void)generation;
	if (box_unmount(e) < 0 || box_fill(r->box, 0, e) < 0)
		return -1;
	return box_mount(r->box, e);
}

static const struct action {
	const char *name;
	int (*act)(struct record *r, int generation, struct err *e); /* NULL: notes the trial */
	enum slot_trial state;
	bool swap;
} actions[] = {
	{ "save", .act = do_save },
	{ "larger", .act = do_larger },
	{ "reset", .act = do_reset },
	{ "cutoff", .act = do_cut_off },
	{ "fill", .act = do_fill },
	{ "try", .act = do_try },
	{ "arm", .state = SLOT_TRIAL_ARMED, .swap = true },
	{ "boot", .state = SLOT_TRIAL_BOOTED, .swap = true },
	{ "confirm", .state = SLOT_TRIAL_KEPT, .swap = true },
	{ "late", .state = SLOT_TRIAL_LATE },
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}

static int act(struct record *r, const struct action *a, int generation, struct err *e)
{
	return a->act ? a->act(r, generation, e) : note_trial(r, a->state, a->swap, e);
}

int record_step(struct record *r, const char *step, struct err *e)
{
	const struct action *action;
	uint64_t bytes = 0;
	char name[16];
	int generation;

	if (sscanf(step, "%15[^:]:%d:%" SCNu64, name, &generation, &bytes) < 2)
		return err_say(e, "%s: not ACTION:GENERATION:BYTES", step);
	action = find_action(name);
	if (!action)
		return err_say(e, "%s: no such action", step);
	if (box_change(generation, bytes, e) < 0 || act(r, action, generation, e) < 0)
		return -1;
	return acknowledge(r->box->device, r->kept, e);
}

int record_steps(const char *sequence, const char *fstype, const char *device, char *const *steps,
                 struct err *e)
{
	const struct sequence *s = sequence_find(sequence);
	struct box b;

	if (!s)
		return err_say(e, "no sequence is called %s", sequence);
	if (box_open(&b, device, fstype, e) < 0 || box_mount(&b, e) < 0)
		return -1;

	struct record r = { &b, s, box_restore(&b), TREE_NONE };

	for (int i = 0; steps[i]; i++) {
		turn_clock_back(i);
		if (record_step(&r, steps[i], e) < 0)
			return err_wrap(e, "%s", steps[i]);
	}
	return 0;
}
