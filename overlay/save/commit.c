#include "commit.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../init/base/fd.h"
#include "../medium/medium.h"
#include "../slot/generations.h"
#include "../slot/known.h"
#include "../slot/slotmark.h"
#include "../slot/slotout.h"
#include "growth.h"
#include "sealing.h"
#include "spool.h"
#include "trial.h"

#define UNTOUCHED "nothing was changed"

enum { GUESS_ROOM = 8 /* one part in so many */, BUSY_MS = 10000 };

struct commit {
	const struct layer *l;
	const struct pack_source *source;
	const struct commit_options *o;
	struct generations found;
	struct slot *on_trial; /* in `found`; NULL: none */
	struct medium_info medium;
	struct spool spool;
	struct pack_result packed; /* of the spool */
	struct sealing sealing;
	uint64_t need; /* bytes of payload in the slot */
	struct commit_result *out;
};

void commit_date(int64_t when, char text[32])
{
	time_t t = (time_t)when;
	struct tm tm;

	if (!localtime_r(&t, &tm) || strftime(text, 32, "%Y-%m-%d %H:%M", &tm) == 0)
		snprintf(text, 32, "time unknown");
}

static void note(const struct commit *c, const char *text)
{
	if (c->o->note)
		c->o->note(c->o->ctx, text);
}

/* What went wrong, on which medium, and what is still safe. */
static int fail(struct commit *c, struct err *e)
{
	const struct slot *newest = slotset_newest(&c->found.set);
	char inner[sizeof e->text], date[32];

	memcpy(inner, e->text, sizeof inner);
	if (newest)
		commit_date(newest->record.time, date);
	if (newest)
		snprintf(e->text, sizeof e->text,
		         "%.110s: %.200s; generation %" PRIu64 " (%s) is intact", c->medium.title,
		         inner, newest->record.sequence, date);
	else
		snprintf(e->text, sizeof e->text, "%.110s: %.200s; nothing was saved here before",
		         c->medium.title, inner);
	return -1;
}

/* --- Into one slot --- */

struct target {
	struct slotout out;
	bool broken; /* the slot failed, not what goes into it */
};

static int to_slot(void *ctx, const void *bytes, size_t len, struct err *e)
{
	struct target *t = ctx;

	if (slotout_write(&t->out, bytes, len, e) == 0)
		return 0;
	t->broken = true;
	return -1;
}

/* The archive, as the spool has it or made anew. */
static int give(struct commit *c,
                int (*write)(void *ctx, const void *bytes, size_t len, struct err *e), void *ctx,
                struct err *e)
{
	c->out->packed = c->packed;
	if (spool_is_whole(&c->spool))
		return write(ctx, c->spool.bytes, (size_t)c->spool.len, e);
	return pack(c->source, false, write, ctx, &c->out->packed, e);
}

static int fill_encrypted(struct commit *c, struct target *t, struct err *e)
{
	struct cryptout *out = malloc(sizeof *out);

	if (!out)
		return err_sys(e, "encrypt");

	int result = cryptout_start(out, c->sealing.key, t->out.record.sequence, to_slot, t, e);

	if (result == 0)
		result = give(c, cryptout_write, out, e);
	if (result == 0)
		result = cryptout_finish(out, e);
	cryptout_wipe(out);
	free(out);
	return result;
}

/* What was written there is no generation any more, and has its number. */
static void mark_unfinished(struct slot *slot, const struct slot_record *record)
{
	slot->state = SLOT_UNFINISHED;
	slot->record = *record;
}

static int fill(struct commit *c, struct target *t, struct err *e)
{
	return c->sealing.crypt.kind ? fill_encrypted(c, t, e) : give(c, to_slot, t, e);
}

/* 1: written; 0: this slot failed, *e says how; -1 with *e: trying another is no use. */
static int write_slot(struct commit *c, struct slot *slot, const struct slot_record *record,
                      struct err *e)
{
	struct target t = { 0 };
	int result = 0;

	if (slotout_start(&t.out, c->found.dir, slot->number, record, e) < 0)
		t.broken = true;
	else if (fill(c, &t, e) < 0)
		/* files that grew since they were counted would not fit the next one either */
		result = t.broken && e->code != ENOSPC ? 0 : -1;
	else
		result = slotout_finish(&t.out, c->out->packed.size, c->out->packed.members,
		                        c->sealing.signs ? &c->sealing.signer : NULL, e) == 0;
	slotout_drop(&t.out);
	if (result < 0)
		mark_unfinished(slot, record);
	if (result <= 0)
		err_wrap(e, SLOT_PREFIX "%d", slot->number);
	return result;
}

/* Above what this boot has met, though it may not be here any more. */
static uint64_t next_sequence(const struct commit *c)
{
	uint64_t next = slotset_next_sequence(&c->found.set);
	uint64_t known = known_read(c->l->known, c->l->name);

	return known >= next && known < SLOT_SEQUENCE_EARNED ? known + 1 : next;
}

static int write_any(struct commit *c, const struct slot *keep, struct err *e)
{
	struct slot_record record = { .sequence = next_sequence(c),
		                      .time = time(NULL),
		                      .crypt = c->sealing.crypt,
		                      .trial_s = c->o->trial_s,
		                      .trial = c->o->trial_s ? SLOT_TRIAL_OPEN : SLOT_NO_TRIAL };
	struct slot *slot;
	int done = 0;

	snprintf(record.message, sizeof record.message, "%s", c->o->message ? c->o->message : "");
	err_say(e, "no slot can be written");
	while (done == 0 && (slot = slotset_target(&c->found.set, c->need, keep))) {
		c->out->slot = slot->number;
		done = write_slot(c, slot, &record, e);
		/* what a failed flush left on the medium nobody knows: never this one again,
		 * nor its number, which it may carry */
		if (done == 0) {
			slot->state = SLOT_UNUSABLE;
			record.sequence++;
			note(c, e->text);
		}
	}
	c->out->sequence = record.sequence;
	c->out->time = record.time;
	return done > 0 ? 0 : -1;
}

/* Slots with numbers that no save gave would be restored instead of what was saved
 * now. The highest goes last, so that what boots is never an older one than before. */
static int clear_forged(struct commit *c, struct err *e)
{
	char text[120];
	struct slot *s;

	while ((s = slotset_above(&c->found.set, c->out->sequence))) {
		snprintf(text, sizeof text,
		         SLOT_PREFIX "%d: its number %" PRIu64 " was given by no save; cleared",
		         s->number, s->record.sequence);
		if (slotset_clear(c->found.dir, s, e) < 0)
			return -1;
		note(c, text);
	}
	return 0;
}

/* --- What was on trial before --- */

/* One that is no longer in force is only remembered to be over. */
static int look_at_trial(struct commit *c, struct err *e)
{
	struct slot *newest = slotset_newest(&c->found.set);
	int in_force;

	if (!newest || !slot_trial_is_open(&newest->record))
		return 0;
	in_force = trial_is_in_force(c->l, newest->record.sequence, e);
	if (in_force < 0)
		return err_safe(e, UNTOUCHED);
	if (!in_force) {
		newest->record.trial = SLOT_TRIAL_CUT;
		return 0;
	}
	c->on_trial = newest;
	if (c->o->ends_trial)
		return 0;
	return err_say(e,
	               "generation %" PRIu64 " is on trial: slate confirm keeps it, slate restore "
	               "goes back; nothing was saved",
	               newest->record.sequence);
}

static int end_trial(struct commit *c, struct err *e)
{
	struct slot *slot = c->on_trial;

	if (!slot)
		return 0;
	if (slotmark(c->found.dir, slot->number, slot->record.sequence, SLOT_TRIAL_LEFT, e) < 0)
		return -1;
	slot->record.trial = SLOT_TRIAL_LEFT;
	c->on_trial = NULL;
	return 0;
}

static const struct slot *kept(struct commit *c)
{
	return c->o->keep ? slotset_find(&c->found.set, c->o->keep) : NULL;
}

static int grow(struct commit *c, struct err *e)
{
	const struct growth growth = { .need = c->need,
		                       .free = c->medium.free,
		                       .progress = c->o->progress,
		                       .ctx = c->o->ctx };

	return growth_make(&c->found, c->l, &growth, e);
}

static int write_all(struct commit *c, struct err *e)
{
	const struct slot *keep = kept(c);

	if (end_trial(c, e) < 0)
		return -1;
	if (!slotset_target(&c->found.set, c->need, keep) && grow(c, e) < 0)
		return -1;
	return write_any(c, keep, e) < 0 ? -1 : clear_forged(c, e);
}

/* A signal in here would leave the medium writable; it is taken afterwards. */
static int write_unlocked(struct commit *c, struct err *e)
{
	sigset_t all, before;
	struct err locking = { 0 };
	int result;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	result = medium_unlock(c->l, e);
	if (result == 0)
		result = write_all(c, e);
	if (medium_lock(c->l, &locking) < 0)
		note(c, locking.text);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return result;
}

/* Most large archives are about as large as the one before: it goes straight into its
 * slot, if there is one with room for a part more, and the files are read once. */
static bool guess(struct commit *c)
{
	const struct slot *newest = slotset_newest(&c->found.set);

	if (!newest || newest->record.payload <= SPOOL_MAX)
		return false;
	c->need = newest->record.payload + newest->record.payload / GUESS_ROOM;
	c->spool = (struct spool){ .len = c->need };
	return slotset_target(&c->found.set, c->need, kept(c));
}

static int spool(struct commit *c, struct err *e)
{
	if (spool_open(&c->spool, e) < 0 ||
	    pack(c->source, false, spool_write, &c->spool, &c->packed, e) < 0)
		return -1;
	c->need = c->sealing.crypt.kind ? crypt_size(c->spool.len) : c->spool.len;
	return 0;
}

static int pack_and_write(struct commit *c, struct err *e)
{
	if (guess(c)) {
		if (write_unlocked(c, e) == 0)
			return 0;
		/* it has grown more than that: how much is found out, as for a first one */
		if (e->code != ENOSPC)
			return -1;
	}
	return spool(c, e) < 0 ? -1 : write_unlocked(c, e);
}

static void note_unusable(struct commit *c)
{
	char text[200];

	for (size_t i = 0; i < c->found.set.n; i++) {
		const struct slot *s = &c->found.set.slots[i];

		snprintf(text, sizeof text, SLOT_PREFIX "%d: %s; it is left alone", s->number,
		         s->why);
		if (s->state == SLOT_UNUSABLE)
			note(c, text);
	}
}

static void note_missing(struct commit *c)
{
	const struct slot *newest = slotset_highest(&c->found.set);
	char text[KNOWN_TEXT];

	if (known_missing(known_read(c->l->known, c->l->name), newest ? newest->record.sequence : 0,
	                  text))
		note(c, text);
}

static int run(struct commit *c, struct err *e)
{
	struct err late;

	if (sealing_find(c->l, &c->sealing, e) < 0)
		return err_safe(e, UNTOUCHED);
	medium_read(c->l, &c->medium);
	if (generations_scan(&c->found, c->l->medium_fd, c->l->name, &c->l->vouch, e) < 0) {
		err_wrap(e, "%s", c->medium.title);
		return err_safe(e, UNTOUCHED);
	}
	generations_verify(&c->found);
	slotset_reach_empty(c->found.dir, &c->found.set);
	note_unusable(c);
	note_missing(c);
	if (look_at_trial(c, e) < 0)
		return -1;
	if (pack_and_write(c, e) < 0)
		return fail(c, e);
	/* it is saved, whatever this says */
	if (known_note(c->l->known, c->l->name, c->out->sequence, &late) < 0)
		note(c, late.text);
	return 0;
}

int commit(const struct layer *l, const struct pack_source *source, const struct commit_options *o,
           struct commit_result *out, struct err *e)
{
	struct commit c = {
		.l = l, .source = source, .o = o, .out = out, .found = { .medium = -1, .dir = -1 }
	};
	FD_AUTO lock = -1;
	int result;

	*out = (struct commit_result){ 0 };
	if (l->nosave)
		return err_say(e, "this boot may not write (nosave); nothing was changed");
	if (layer_need_medium(l, e) < 0)
		return -1;
	if (!o->reserved && medium_reserve_within(l, BUSY_MS, &lock, e) < 0)
		return err_safe(e, UNTOUCHED);
	result = run(&c, e);
	sealing_wipe(&c.sealing);
	spool_drop(&c.spool);
	generations_drop(&c.found);
	return result;
}
