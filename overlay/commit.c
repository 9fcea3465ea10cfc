#include "commit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../init/base/fd.h"
#include "../init/base/paths.h"
#include "cryptkey.h"
#include "generations.h"
#include "known.h"
#include "medium.h"
#include "slotdir.h"
#include "slotmark.h"
#include "slotout.h"
#include "spool.h"
#include "trial.h"

#define UNTOUCHED "nothing was changed"

enum { MIB = 1024 * 1024, SETS_SMALLEST = 2 };

struct commit {
	const struct layer *l;
	const struct pack_source *source;
	const struct commit_options *o;
	struct generations found;
	struct slot *on_trial; /* in `found`; NULL: none */
	struct medium medium;
	struct spool spool;
	struct pack_result packed; /* of the spool */
	struct signer signer;
	bool signs;
	struct slot_crypt crypt;
	uint8_t key[CRYPT_KEY]; /* to encrypt with */
	uint64_t need;          /* bytes of payload in the slot */
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

	int result = cryptout_start(out, c->key, t->out.record.sequence, to_slot, t, e);

	if (result == 0)
		result = give(c, cryptout_write, out, e);
	if (result == 0)
		result = cryptout_finish(out, e);
	cryptout_wipe(out);
	free(out);
	return result;
}

static int fill(struct commit *c, struct target *t, struct err *e)
{
	return c->crypt.kind ? fill_encrypted(c, t, e) : give(c, to_slot, t, e);
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
		                        c->signs ? &c->signer : NULL, e) == 0;
	slotout_drop(&t.out);
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
		                      .crypt = c->crypt,
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

/* --- New slots --- */

static uint64_t round_up(uint64_t bytes)
{
	return (bytes + SLOT_HEADER + MIB - 1) / MIB * MIB;
}

/* How many new slots, of which size: four with room to grow if there is space,
 * else as many as fit, two at the least. */
static int plan_set(const struct commit *c, uint64_t *size, int *count, struct err *e)
{
	uint64_t least = round_up(c->need), ample = round_up(2 * c->need);

	*size = ample > SLOT_SIZE ? ample : SLOT_SIZE;
	for (*count = SLOT_COUNT; *count >= SETS_SMALLEST; --*count)
		if (c->medium.free >= *size * (uint64_t)*count)
			return 0;
	*size = least;
	*count = SETS_SMALLEST;
	if (c->medium.free >= *size * SETS_SMALLEST)
		return 0;
	return err_say(e, "full: %" PRIu64 " KiB needed, %" PRIu64 " KiB free",
	               *size * SETS_SMALLEST / 1024, c->medium.free / 1024);
}

static int make_slots(struct commit *c, const struct slotdir_new *slots, struct err *e)
{
	char path[256];

	if (c->found.dir >= 0)
		return slotdir_add(c->found.dir, slots, e);
	snprintf(path, sizeof path, PATH_SAVED "/%s", c->l->name);
	return slotdir_make(c->l->medium_fd, path, slots, &c->found.dir, e);
}

/* Slots of the old size stay: they hold older generations, and smaller ones to come. */
static int grow(struct commit *c, struct err *e)
{
	struct slotdir_new slots = {
		.first = slotset_free_number(&c->found.set),
		.progress = c->o->progress,
		.ctx = c->o->ctx,
	};

	if (plan_set(c, &slots.size, &slots.count, e) < 0 || make_slots(c, &slots, e) < 0)
		return -1;
	for (int i = 0; i < slots.count && c->found.set.n < SLOTSET_MAX; i++)
		c->found.set.slots[c->found.set.n++] = (struct slot){
			.number = slots.first + i,
			.state = SLOT_EMPTY,
			.file_size = slots.size,
		};
	return 0;
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

	if (!newest || !slot_trial_is_open(&newest->record))
		return 0;
	if (!trial_is_in_force(c->l, newest->record.sequence)) {
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
	return 0;
}

static int write_all(struct commit *c, struct err *e)
{
	const struct slot *keep = c->o->keep ? slotset_find(&c->found.set, c->o->keep) : NULL;

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

static int spool(struct commit *c, struct err *e)
{
	if (spool_open(&c->spool, e) < 0 ||
	    pack(c->source, false, spool_write, &c->spool, &c->packed, e) < 0)
		return -1;
	c->need = c->crypt.kind ? crypt_size(c->spool.len) : c->spool.len;
	return 0;
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

/* What the next boot would refuse is not saved. */
static int find_signer(struct commit *c, struct err *e)
{
	int found = c->l->keys ? signer_load(&c->signer, c->l->keys, e) : 0;

	c->signs = found > 0;
	if (found == 0 && c->l->vouch.policy == VERIFY_REQUIRE)
		found = err_say(e, "only signed configuration is restored here "
		                   "(slate.verify_saved=require), and there is no key to sign with "
		                   "(slate.key=)");
	return found < 0 ? err_safe(e, UNTOUCHED) : 0;
}

/* Nothing is saved in the clear where it should not be. */
static int find_crypt(struct commit *c, struct err *e)
{
	int found = 1;

	if (c->l->encrypt == ENCRYPT_KEY)
		c->crypt.kind = SLOT_CRYPT_DEVICE;
	else if (c->l->encrypt == ENCRYPT_PASSPHRASE)
		found = c->l->keys ? crypt_passphrase_kept(c->l->keys, &c->crypt, e) : 0;
	if (found == 0)
		found = err_say(e, "slate.encrypt=passphrase, and this boot was given none; "
		                   "\"slate passphrase\" sets one");
	if (found < 0 || (c->crypt.kind && crypt_key(c->l->keys, &c->crypt, c->key, e) < 0))
		return err_safe(e, UNTOUCHED);
	return 0;
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

	if (find_signer(c, e) < 0 || find_crypt(c, e) < 0)
		return -1;
	medium_read(c->l, &c->medium);
	if (generations_scan(&c->found, c->l->medium_fd, c->l->name, &c->l->vouch, e) < 0) {
		err_wrap(e, "%s", c->medium.title);
		return err_safe(e, UNTOUCHED);
	}
	generations_verify(&c->found);
	slotset_read_empty(c->found.dir, &c->found.set);
	note_unusable(c);
	note_missing(c);
	if (look_at_trial(c, e) < 0)
		return -1;
	if (spool(c, e) < 0 || write_unlocked(c, e) < 0)
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
	if (!o->reserved && medium_reserve(l, &lock, e) < 0)
		return err_safe(e, UNTOUCHED);
	result = run(&c, e);
	signer_wipe(&c.signer);
	sodium_memzero(c.key, sizeof c.key);
	spool_drop(&c.spool);
	generations_drop(&c.found);
	return result;
}
