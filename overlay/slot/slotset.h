/* slotset: all slots of one name on a medium, and which to read or to write.
 *
 * Read while the medium is read-only: on a FAT that lost power, merely reading
 * a torn file of a writable mount turns the whole mount read-only.  */
#ifndef SLOT_SLOTSET_H
#define SLOT_SLOTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "slot.h"
#include "vouch.h"

enum { SLOTSET_MAX = 48 };

enum slot_state {
	SLOT_STATE_NONE,
	SLOT_EMPTY,      /* zeros */
	SLOT_SEALED,     /* a header that checks; the payload was not read yet */
	SLOT_VALID,      /* digest verified */
	SLOT_UNTRUSTED,  /* digest verified, but `why` it is not to be restored: vouch.h */
	SLOT_UNFINISHED, /* a save began here and did not end */
	SLOT_DAMAGED,    /* `why` says how; may be overwritten */
	SLOT_UNUSABLE,   /* can't be read to its end: never written again */
};

struct slot {
	int number;
	enum slot_state state;
	uint64_t file_size;
	struct slot_record record; /* of SEALED, VALID, UNFINISHED, and DAMAGED where readable */
	char why[96];
};

struct slotset {
	size_t n;
	struct slot slots[SLOTSET_MAX]; /* by number */
};

/* Reads the headers of all slots in `dir` (-1: there is none yet, no slots).
 * One that can't be read is in the set with its reason. 0, or -1 with *e when
 * the directory itself can't be read. */
int slotset_scan(int dir, struct slotset *set, struct err *e);

/* Reads the payload of a SEALED slot and makes it VALID, UNTRUSTED or DAMAGED. */
void slotset_verify(int dir, struct slot *slot, const struct vouch *vouch);
void slotset_verify_all(int dir, struct slotset *set, const struct vouch *vouch);

/* Reads the last sector of every EMPTY slot, before a save chooses one: the making of
 * one may have been cut short, and then its clusters end before its size. While the
 * medium is read-only that is an error like others; a write that meets it makes FAT
 * refuse all further ones. A slot that can't be read to its end becomes UNUSABLE. */
void slotset_reach_empty(int dir, struct slotset *set);

/* The next SEALED or VALID slot in order of falling sequence below `below`
 * (UINT64_MAX: the newest). NULL: none. */
struct slot *slotset_before(struct slotset *set, uint64_t below);

/* The VALID slot of the highest sequence, but for trials that were given up. NULL: none. */
struct slot *slotset_newest(struct slotset *set);

/* The same with those trials. */
struct slot *slotset_highest(struct slotset *set);

/* The newest that needs no confirmation (any more): what a trial goes back to. */
struct slot *slotset_settled(struct slotset *set);

/* The VALID slot of `sequence`. NULL: none. */
struct slot *slotset_find(struct slotset *set, uint64_t sequence);

/* The UNTRUSTED slot of `sequence`. NULL: none. */
struct slot *slotset_untrusted(struct slotset *set, uint64_t sequence);

/* What the next generation is called: above every sequence ever seen here, and far
 * above where a slot can't be read. Where a slot has the last number there is, which
 * only a forged one has, it is above those that saves can have reached; what
 * slotset_above finds then has to be cleared after the save. */
uint64_t slotset_next_sequence(const struct slotset *set);

/* The slot of the lowest sequence above `sequence`, in whatever state it is; NULL:
 * none. slotset_clear makes it empty, flushed to the medium: 0, or -1 with *e. */
struct slot *slotset_above(struct slotset *set, uint64_t sequence);
int slotset_clear(int dir, struct slot *slot, struct err *e);

/* The slot to write `payload` bytes into, after slotset_verify_all: one without
 * a generation, else the oldest of those not trusted, else the oldest; never the
 * newest valid one, never what a trial goes back to, never `keep` (NULL: none). NULL:
 * none is large enough. */
struct slot *slotset_target(struct slotset *set, uint64_t payload, const struct slot *keep);

/* The first number that no file here has. */
int slotset_free_number(const struct slotset *set);

/* Makes `count` new slots of `size` bytes, numbered from `first`, full of zeros
 * and flushed to the medium. 0, or -1 with *e; files already made stay (the
 * next scan judges them). `progress` is told bytes done, of the whole; may be NULL. */
int slot_create_set(int dir, int first, int count, uint64_t size,
                    void (*progress)(void *ctx, uint64_t done, uint64_t whole), void *ctx,
                    struct err *e);

#endif
