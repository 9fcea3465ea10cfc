#include "slotset.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../init/base/dir.h"
#include "../../init/base/fd.h"

enum { UNSEEN_STEP = 1024 };

static void set_why(struct slot *slot, enum slot_state state, const struct err *why)
{
	slot->state = state;
	snprintf(slot->why, sizeof slot->why, "%.*s", (int)sizeof slot->why - 1, why->text);
}

static void probe(int dir, struct slot *slot)
{
	FD_AUTO fd = slot_open(dir, slot->number, O_RDONLY);
	uint8_t sector[SLOT_HEADER];
	struct stat st;
	struct err e = { 0 };
	ssize_t len = -1;

	if (fd < 0 || fstat(fd, &st) < 0 || (len = fd_read_full(fd, sector, sizeof sector)) < 0) {
		err_sys(&e, "read");
		set_why(slot, SLOT_UNUSABLE, &e);
		return;
	}
	slot->file_size = (uint64_t)st.st_size;
	if (!S_ISREG(st.st_mode) || st.st_size < 2 * SLOT_HEADER) {
		err_say(&e, "not a preallocated file");
		set_why(slot, SLOT_UNUSABLE, &e);
		return;
	}

	int found = slot_decode(sector, (size_t)len, slot->file_size, &slot->record, &e);

	if (found < 0)
		set_why(slot, SLOT_DAMAGED, &e);
	else if (found > 0)
		slot->state = slot->record.unfinished ? SLOT_UNFINISHED : SLOT_SEALED;
	else
		slot->state = SLOT_EMPTY;
}

static int by_number(const void *a, const void *b)
{
	return ((const struct slot *)a)->number - ((const struct slot *)b)->number;
}

int slotset_scan(int dir, struct slotset *set, struct err *e)
{
	*set = (struct slotset){ 0 };
	if (dir < 0)
		return 0;

	DIR *d = dir_list(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));

	if (!d)
		return err_sys(e, "open " SLOT_PREFIX "N");
	for (const struct dirent *entry; (entry = dir_next(d));) {
		int number = slot_number(entry->d_name);

		if (number >= 0 && set->n < SLOTSET_MAX)
			set->slots[set->n++].number = number;
	}

	int code = errno;

	closedir(d);
	errno = code;
	if (code)
		return err_sys(e, "read directory");
	qsort(set->slots, set->n, sizeof *set->slots, by_number);
	for (size_t i = 0; i < set->n; i++)
		probe(dir, &set->slots[i]);
	return 0;
}

void slotset_verify(int dir, struct slot *slot, const struct vouch *vouch)
{
	FD_AUTO fd = slot_open(dir, slot->number, O_RDONLY);
	struct err e = { 0 };

	if (slot->state != SLOT_SEALED)
		return;
	if (fd < 0) {
		err_sys(&e, "open");
		set_why(slot, SLOT_UNUSABLE, &e);
	} else if (slot_verify(fd, &slot->record, &e) < 0) {
		set_why(slot, e.code ? SLOT_UNUSABLE : SLOT_DAMAGED, &e);
	} else if (vouch_slot(vouch, &slot->record, &e) < 0) {
		set_why(slot, SLOT_UNTRUSTED, &e);
	} else {
		slot->state = SLOT_VALID;
	}
}

void slotset_verify_all(int dir, struct slotset *set, const struct vouch *vouch)
{
	for (size_t i = 0; i < set->n; i++)
		slotset_verify(dir, &set->slots[i], vouch);
}

/* The kernel follows a file's clusters from the first to reach the last. */
static int reach_end(int fd, uint64_t size, struct err *e)
{
	uint8_t sector[SLOT_HEADER];
	uint64_t at = size - sizeof sector;
	ssize_t n = fd_pread_full(fd, sector, sizeof sector, at);

	if (n < 0)
		return err_sys(e, "read at %llu", (unsigned long long)at);
	return n == sizeof sector
	               ? 0
	               : err_say(e, "it ends before %llu", (unsigned long long)at);
}

void slotset_reach_empty(int dir, struct slotset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct slot *slot = &set->slots[i];
		struct err e = { 0 };

		if (slot->state != SLOT_EMPTY)
			continue;

		FD_AUTO fd = slot_open(dir, slot->number, O_RDONLY);

		if (fd < 0)
			err_sys(&e, "open");
		if (fd < 0 || reach_end(fd, slot->file_size, &e) < 0)
			set_why(slot, SLOT_UNUSABLE, &e);
	}
}

struct slot *slotset_before(struct slotset *set, uint64_t below)
{
	struct slot *best = NULL;

	for (struct slot *s = set->slots; s < set->slots + set->n; s++) {
		if (s->state != SLOT_SEALED && s->state != SLOT_VALID)
			continue;
		if (s->record.sequence < below &&
		    (!best || s->record.sequence > best->record.sequence))
			best = s;
	}
	return best;
}

/* What a slot holds that can be lost: a generation, or one that another policy or
 * another key would let be restored. */
static int worth(const struct slot *s)
{
	return s->state == SLOT_VALID || s->state == SLOT_SEALED ? 2 : s->state == SLOT_UNTRUSTED;
}

static struct slot *newest_but(struct slotset *set, bool (*passed_over)(const struct slot_record *))
{
	struct slot *best = NULL;

	for (struct slot *s = set->slots; s < set->slots + set->n; s++)
		if (s->state == SLOT_VALID && !passed_over(&s->record) &&
		    (!best || s->record.sequence > best->record.sequence))
			best = s;
	return best;
}

static bool is_unconfirmed(const struct slot_record *r)
{
	return slot_trial_is_open(r) || slot_trial_is_given_up(r);
}

struct slot *slotset_newest(struct slotset *set)
{
	return newest_but(set, slot_trial_is_given_up);
}

static bool is_nothing(const struct slot_record *r)
{
	(void)r;
	return false;
}

struct slot *slotset_highest(struct slotset *set)
{
	return newest_but(set, is_nothing);
}

struct slot *slotset_settled(struct slotset *set)
{
	return newest_but(set, is_unconfirmed);
}

static struct slot *find(struct slotset *set, enum slot_state state, uint64_t sequence)
{
	for (struct slot *s = set->slots; s < set->slots + set->n; s++)
		if (s->state == state && s->record.sequence == sequence)
			return s;
	return NULL;
}

struct slot *slotset_find(struct slotset *set, uint64_t sequence)
{
	return find(set, SLOT_VALID, sequence);
}

struct slot *slotset_untrusted(struct slotset *set, uint64_t sequence)
{
	return find(set, SLOT_UNTRUSTED, sequence);
}

/* The next number if those above `most` do not count. */
static uint64_t next_sequence(const struct slotset *set, uint64_t most)
{
	uint64_t highest = 0, step = 1;

	for (const struct slot *s = set->slots; s < set->slots + set->n; s++) {
		if (s->record.sequence > highest && s->record.sequence <= most)
			highest = s->record.sequence;
		/* it may be read again some day, and hold a number that is not seen now */
		if (s->state == SLOT_UNUSABLE)
			step = UNSEEN_STEP;
	}
	return highest + step;
}

uint64_t slotset_next_sequence(const struct slotset *set)
{
	uint64_t next = next_sequence(set, SLOT_SEQUENCE_MAX);

	/* a save that finds slots broken takes the numbers after it, too */
	return next <= SLOT_SEQUENCE_MAX - SLOTSET_MAX ? next : next_sequence(set, SLOT_SEQUENCE_EARNED);
}

struct slot *slotset_above(struct slotset *set, uint64_t sequence)
{
	struct slot *best = NULL;

	for (struct slot *s = set->slots; s < set->slots + set->n; s++)
		if (s->record.sequence > sequence &&
		    (!best || s->record.sequence < best->record.sequence))
			best = s;
	return best;
}

int slotset_clear(int dir, struct slot *slot, struct err *e)
{
	static const uint8_t zeros[SLOT_HEADER];
	FD_AUTO fd = slot_open(dir, slot->number, O_WRONLY);

	if (fd < 0 || fd_write_full(fd, zeros, sizeof zeros) < 0 || fdatasync(fd) < 0)
		return err_sys(e, "clear " SLOT_PREFIX "%d", slot->number);
	slot->state = SLOT_EMPTY;
	slot->record = (struct slot_record){ 0 };
	return 0;
}

static bool may_be_written(const struct slot *s, uint64_t payload)
{
	return s->state != SLOT_UNUSABLE && s->file_size >= SLOT_HEADER &&
	       s->file_size - SLOT_HEADER >= payload;
}

/* Whether `a` is the better one to overwrite. */
static bool is_worth_less(const struct slot *a, const struct slot *b)
{
	if (worth(a) != worth(b))
		return worth(a) < worth(b);
	return worth(a) > 0 && a->record.sequence < b->record.sequence;
}

struct slot *slotset_target(struct slotset *set, uint64_t payload, const struct slot *keep)
{
	const struct slot *newest = slotset_newest(set), *settled = slotset_settled(set);
	struct slot *best = NULL;

	for (struct slot *s = set->slots; s < set->slots + set->n; s++) {
		if (s == newest || s == settled || s == keep || !may_be_written(s, payload))
			continue;
		if (!best || is_worth_less(s, best))
			best = s;
	}
	return best;
}

int slotset_free_number(const struct slotset *set)
{
	return set->n ? set->slots[set->n - 1].number + 1 : 0;
}

struct progress {
	void (*tell)(void *ctx, uint64_t done, uint64_t whole);
	void *ctx;
	uint64_t done, whole;
};

static int create_one(int dir, int number, uint64_t size, struct progress *p, struct err *e)
{
	static const uint8_t zeros[65536];
	FD_AUTO fd = slot_open(dir, number, O_WRONLY | O_CREAT | O_EXCL);

	if (fd < 0)
		return err_sys(e, "create " SLOT_PREFIX "%d", number);
	for (uint64_t left = size; left > 0;) {
		size_t len = left < sizeof zeros ? (size_t)left : sizeof zeros;

		if (fd_write_full(fd, zeros, len) < 0)
			return err_sys(e, "write " SLOT_PREFIX "%d", number);
		left -= len;
		p->done += len;
		if (p->tell)
			p->tell(p->ctx, p->done, p->whole);
	}
	if (fsync(fd) < 0)
		return err_sys(e, "flush " SLOT_PREFIX "%d", number);
	return 0;
}

int slot_create_set(int dir, int first, int count, uint64_t size,
                    void (*progress)(void *ctx, uint64_t done, uint64_t whole), void *ctx,
                    struct err *e)
{
	FD_AUTO own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct progress p = { progress, ctx, 0, size * (uint64_t)count };

	if (own < 0)
		return err_sys(e, "open directory of slots");
	for (int i = 0; i < count; i++)
		if (create_one(dir, first + i, size, &p, e) < 0)
			return -1;
	/* in this order: on FAT only fsync flushes the disk's own cache */
	if (syncfs(own) < 0 || fsync(own) < 0)
		return err_sys(e, "flush");
	return 0;
}
