#include "restore.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/child.h"
#include "../../init/base/clock.h"
#include "../../init/base/fd.h"
#include "../slot/archive.h"
#include "../slot/cryptkey.h"
#include "../slot/generations.h"
#include "../slot/slotmark.h"
#include "../slot/trialfile.h"

enum { SCAN_SECONDS = 60 };

/* One thing that can be tried, and how to name it. */
struct candidate {
	const struct slot *slot; /* NULL: foreign */
	const char *path;        /* foreign, on the medium */
	char title[300];
};

struct attempt {
	const struct restore_plan *plan;
	struct generations found;
	int root;
	bool dirty;      /* the root was written to since fresh_root */
	unsigned failed; /* generations that should have come first */
	struct trialfile trial;
	struct restore_result *out;
};

static void tell(const struct attempt *a, const char *fmt, ...) ERR_PRINTF(2, 3);

static void tell(const struct attempt *a, const char *fmt, ...)
{
	char text[700];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (a->plan->degraded)
		a->plan->degraded(a->plan->ctx, text);
}

static int renew_root(struct attempt *a, struct err *e)
{
	a->root = a->plan->fresh_root(a->plan->ctx, e);
	a->dirty = false;
	return a->root < 0 ? err_wrap(e, "make the root anew") : 0;
}

/* Headers are foreign bytes too. The set is the child's result: no descriptors. */
struct scan_job {
	int dir;
};

static int scan_slots(void *arg, void *out, struct err *e)
{
	return slotset_scan(((struct scan_job *)arg)->dir, out, e);
}

_Static_assert(sizeof(struct slotset) <= CHILD_OUT_MAX, "a scan's result fits in a reply");

static int scan(struct attempt *a, struct err *e)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + SCAN_SECONDS * 1000,
		                             .walls = CHILD_READS };
	struct scan_job job;

	if (generations_open(&a->found, a->plan->medium, a->plan->name, a->plan->vouch, e) < 0)
		return -1;
	job.dir = a->found.dir;
	return child_call(scan_slots, &job, &a->found.set, sizeof a->found.set, &limits, e);
}

static int open_candidate(const struct attempt *a, const struct candidate *c, int *fd,
                          struct archive *archive, struct err *e)
{
	if (c->slot)
		return generations_open_slot(&a->found, c->slot, a->plan->pristine, fd, archive, e);
	return generations_open_foreign(&a->found, c->path, a->plan->pristine, fd, archive, e);
}

static int pass_over(struct attempt *a, const struct candidate *c, const struct err *why)
{
	tell(a, "%s: %s; not restored", c->title, why->text);
	a->failed++;
	a->trial.ended = true; /* if it was this one */
	return 0;
}

static int unlock_openssl(const struct attempt *a, const struct archive *archive, struct err *e)
{
	struct opensslin_secret secret;
	int have;

	if (archive_authenticate(archive, e) < 0)
		return -1;
	have = archive_openssl_secret(archive, &secret, e);
	sodium_memzero(&secret, sizeof secret);
	if (have < 0)
		return -1;
	return have > 0 || !a->plan->unlock ? 0 : a->plan->unlock(a->plan->ctx, archive, e);
}

/* What that can't be read without a passphrase is looked at first, so that none is
 * asked for in vain. */
static int unlock(const struct attempt *a, const struct archive *archive, struct err *e)
{
	uint8_t key[CRYPT_KEY];
	struct err missing;
	int have;

	if (!archive->sealed)
		return archive->openssl ? unlock_openssl(a, archive, e) : 0;
	if (archive->record.crypt.kind != SLOT_CRYPT_PASSPHRASE)
		return 0;
	if (archive_authenticate(archive, e) < 0)
		return -1;
	have = crypt_key(a->plan->vouch ? a->plan->vouch->secrets : NULL, &archive->record.crypt,
	                 key, &missing);
	sodium_memzero(key, sizeof key);
	if (have == 0 || !a->plan->unlock)
		return 0; /* without a key, reading it says why */
	return a->plan->unlock(a->plan->ctx, archive, e);
}

/* Why no boot takes the trial; NULL: it may. */
static const char *trial_refusal(const struct slot_record *r)
{
	static const char *const why[SLOT_TRIALS] = {
		[SLOT_TRIAL_OPEN] = "the machine went down before it was confirmed",
		[SLOT_TRIAL_BOOTED] = "the boot that tried it was not confirmed",
		[SLOT_TRIAL_LATE] = "it was not confirmed in time",
		[SLOT_TRIAL_UNREACHED] = "the boot that tried it did not reach its target",
		[SLOT_TRIAL_CUT] = "the machine went down before it was confirmed",
		[SLOT_TRIAL_LEFT] = "it was given up",
	};

	return why[r->trial];
}

static int note_boot(const struct attempt *a, const struct slot *slot, struct err *e)
{
	const struct restore_plan *plan = a->plan;
	struct err locking;
	int result;

	if (!plan->set_writable)
		return err_say(e, "this boot may not write");
	if (plan->set_writable(plan->ctx, true, e) < 0)
		return -1;
	result = slotmark(a->found.dir, slot->number, slot->record.sequence, SLOT_TRIAL_BOOTED, e);
	if (plan->set_writable(plan->ctx, false, &locking) < 0)
		tell(a, "%s", locking.text);
	return result;
}

/* Whether a generation may be taken, as far as a trial goes; else *e says why not.
 * One that was asked for by its number is taken as it is. */
static bool trial_allows(struct attempt *a, const struct slot *slot, struct err *e)
{
	const struct slot_record *r = &slot->record;
	const char *why = trial_refusal(r);
	struct err cause;

	if (r->trial == SLOT_NO_TRIAL || r->trial == SLOT_TRIAL_KEPT ||
	    r->sequence == a->plan->generation)
		return true;
	/* the running system puts down what became of it */
	if (a->trial.sequence == 0 && slot_trial_is_open(r))
		a->trial = (struct trialfile){ .sequence = r->sequence, .ended = true };
	if (!why && note_boot(a, slot, &cause) < 0) {
		err_say(e, "generation %" PRIu64 " is on trial, and its boot can't be noted: %s",
		        r->sequence, cause.text);
		return false;
	}
	if (why) {
		err_say(e, "generation %" PRIu64 " was on trial for %s: %s", r->sequence,
		        trial_time(r->trial_s).text, why);
		return false;
	}
	a->trial = (struct trialfile){ .sequence = r->sequence,
		                       .seconds = r->trial_s,
		                       .booted = true,
		                       .deadline_ms = clock_now_ms() + 1000ull * r->trial_s };
	return true;
}

/* 1: restored; 0: passed over, told why; -1 with *e: no root. */
static int try(struct attempt *a, const struct candidate *c, struct err *e)
{
	struct archive_outcome outcome = { 0 };
	struct archive archive;
	struct err why = { 0 };
	FD_AUTO fd = -1;

	if (open_candidate(a, c, &fd, &archive, &why) < 0 || unlock(a, &archive, &why) < 0 ||
	    archive_validate(&archive, &outcome, &why) < 0)
		return pass_over(a, c, &why);
	if (c->slot && !trial_allows(a, c->slot, &why))
		return pass_over(a, c, &why);
	if ((a->root < 0 || a->dirty) && renew_root(a, e) < 0)
		return -1;
	a->dirty = true;
	if (archive_extract(&archive, a->root, NULL, &outcome, &why) < 0)
		return pass_over(a, c, &why);
	if (outcome.skipped[0])
		tell(a, "%s: attribute %s can't be kept on this kernel", c->title, outcome.skipped);
	a->out->restored = true;
	a->out->sequence = c->slot ? archive.record.sequence : 0;
	a->out->time = archive.record.time;
	a->out->files = outcome.members;
	snprintf(a->out->source, sizeof a->out->source, "%.255s", c->slot ? c->title : c->path);
	return 1;
}

/* What lies in the slots besides generations is told: the user may miss it. */
static void tell_damage(struct attempt *a)
{
	const struct slot *newest = slotset_before(&a->found.set, UINT64_MAX);

	for (size_t i = 0; i < a->found.set.n; i++) {
		const struct slot *s = &a->found.set.slots[i];
		bool newer = !newest || s->record.sequence > newest->record.sequence;

		if (s->state == SLOT_DAMAGED || s->state == SLOT_UNUSABLE) {
			tell(a, SLOT_PREFIX "%d: %s; not restored", s->number, s->why);
			a->failed++;
		} else if (s->state == SLOT_UNFINISHED && newer) {
			tell(a,
			     SLOT_PREFIX "%d: the save of generation %" PRIu64
			                 " was cut off; what was saved before is intact",
			     s->number, s->record.sequence);
		}
	}
}

/* Several archives of Alpine's: which one is this machine's can't be known here. */
static void tell_choice(struct attempt *a)
{
	size_t n = 0;

	while (n < a->found.n_foreign && !generations_is_backup(a->found.foreign[n]))
		n++;
	if (n > 1)
		tell(a, "%zu archives are on the medium, %s is tried first; apkovl= chooses", n,
		     a->found.foreign[0]);
}

static void tell_outcome(struct attempt *a)
{
	const struct restore_result *r = a->out;

	if (a->failed && r->restored && r->sequence)
		tell(a, "generation %" PRIu64 " (%s) was restored instead", r->sequence, r->source);
	else if (a->failed && r->restored)
		tell(a, "%s was restored instead", r->source);
	else if (a->failed)
		tell(a, "nothing could be restored: the system is as its image has it");
}

/* Only generations below this number are wanted. */
static uint64_t upper_end(struct attempt *a)
{
	uint64_t below = UINT64_MAX;

	if (a->plan->generation)
		return a->plan->generation + 1;
	for (uint64_t i = 0; i < a->plan->older; i++) {
		const struct slot *newer = slotset_before(&a->found.set, below);

		if (!newer || !slotset_before(&a->found.set, newer->record.sequence)) {
			tell(a,
			     "there are not %" PRIu64
			     " generations before the newest; the oldest is taken",
			     a->plan->older);
			break;
		}
		below = newer->record.sequence;
	}
	return below;
}

static int try_slots(struct attempt *a, struct err *e)
{
	uint64_t below = upper_end(a);
	struct slot *slot;
	int done = 0;

	/* one that failed is out of the way, but not another of its number */
	while (done == 0 && (slot = slotset_before(&a->found.set, below))) {
		struct candidate c = { .slot = slot };

		snprintf(c.title, sizeof c.title, SLOT_PREFIX "%d", slot->number);
		done = try(a, &c, e);
		slot->state = SLOT_DAMAGED;
	}
	if (a->plan->generation && a->out->sequence != a->plan->generation)
		tell(a,
		     "generation %" PRIu64 " was asked for and is not on the medium, or "
		     "not usable",
		     a->plan->generation);
	return done;
}

static int try_foreign(struct attempt *a, const char *path, struct err *e)
{
	struct candidate c = { .path = path + strspn(path, "/") };

	snprintf(c.title, sizeof c.title, "%.255s", c.path);
	return try(a, &c, e);
}

static int try_all(struct attempt *a, struct err *e)
{
	struct err why = { 0 };
	int done = 0;

	if (scan(a, &why) < 0) {
		tell(a, "saved configuration can't be read: %s", why.text);
		return 0;
	}
	if (a->plan->apkovl)
		return try_foreign(a, a->plan->apkovl, e);
	tell_damage(a);
	done = try_slots(a, e);
	if (done == 0)
		tell_choice(a);
	for (size_t i = 0; done == 0 && i < a->found.n_foreign; i++)
		done = try_foreign(a, a->found.foreign[i], e);
	if (done == 0 && a->found.unread[0]) {
		tell(a,
		     "%s: encrypted with another cipher than aes-256-cbc, which is not read here; "
		     "not restored",
		     a->found.unread);
		a->failed++;
	}
	return done;
}

static int write_record(const struct restore_plan *plan, const struct restore_result *r,
                        struct err *e)
{
	char text[1024];
	int len = snprintf(text, sizeof text,
	                   "name=%s\nrestored=%d\nsequence=%" PRIu64 "\ntime=%" PRId64
	                   "\nfiles=%" PRIu64 "\nsource=%s\n",
	                   plan->name, r->restored, r->sequence, r->time, r->files, r->source);

	return fd_write_file(AT_FDCWD, plan->record, text, (size_t)len, e);
}

int restore_boot(const struct restore_plan *plan, struct restore_result *out, struct err *e)
{
	struct attempt a = {
		.plan = plan, .root = -1, .out = out, .found = { .medium = -1, .dir = -1 }
	};
	struct err why;
	int done = 0;

	*out = (struct restore_result){ 0 };
	if (plan->medium >= 0)
		done = try_all(&a, e);
	generations_drop(&a.found);
	tell_outcome(&a);
	if (done == 0 && a.dirty)
		done = renew_root(&a, e);
	if (done < 0)
		return -1;
	if (plan->trial && a.trial.sequence && trialfile_write(plan->trial, &a.trial, &why) < 0)
		tell(&a, "%s", why.text);
	if (plan->record && write_record(plan, out, &why) < 0)
		tell(&a, "%s", why.text);
	return 0;
}
