/* restore: puts saved configuration back into a freshly made root, at boot.
 *
 * Candidates are the slots of medium/slate/saved/NAME, newest sequence first,
 * then *.apkovl.tar.gz at the top of the medium as the oldest generation. Each
 * is refused as a whole or restored as a whole: digest and signature, then
 * every member validated, then extracted beneath the root; foreign bytes are read in
 * children with limits on time and memory. A generation that fails is told to
 * `degraded`, the root is made anew, and the one before is taken; when none is
 * left the root stays pristine. A generation on trial (trial.h) is taken only when
 * the machine went down in order after it was saved, once, and not before that is
 * noted in its slot.  */
#ifndef RESTORE_RESTORE_H
#define RESTORE_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "../slot/archive.h"
#include "../slot/vouch.h"

struct restore_plan {
	int medium;                /* directory that holds slate/saved, borrowed; -1: none */
	int pristine;              /* the read-only root (PATH_ROOT), borrowed */
	const char *name;          /* slate.name with {…} filled in */
	uint64_t older;            /* so many before the newest; with `generation` 0 */
	uint64_t generation;       /* this sequence and, if it fails, older ones; 0: the newest */
	const struct vouch *vouch; /* who must have signed what is taken; NULL: nobody */
	const char *apkovl; /* an archive, relative to `medium`, to take instead of all; or NULL */
	const char *record; /* key=value lines for the running system (PATH_RESTORED); NULL: none */
	const char *trial;  /* the same about a trial (PATH_TRIAL); NULL: none */

	/* Gives an empty merged root: drops the tmpfs and makes the overlay anew when
	 * it was used before. Returns a directory owned by the plan's owner, valid
	 * until the next call; -1 with *e. */
	int (*fresh_root)(void *ctx, struct err *e);
	/* Asks for the passphrase of a slot and leaves what it gives in vouch->secrets.
	 * 0, or -1 with *e: it was not given. NULL: nobody can be asked. */
	int (*unlock)(void *ctx, const struct archive *archive, struct err *e);
	/* Makes the medium writable to note that a trial is taken, and read-only again.
	 * NULL: it can't be, and no trial is taken. 0, or -1 with *e. */
	int (*set_writable)(void *ctx, bool writable, struct err *e);
	/* Told of each generation that was passed over, and why, as one sentence
	 * ("slot-2: damaged (digest does not match); not restored"). */
	void (*degraded)(void *ctx, const char *text);
	void *ctx; /* of all three */
};

struct restore_result {
	bool restored;     /* false: nothing there, or nothing usable: the root is pristine */
	uint64_t sequence; /* of the generation; 0: an Alpine archive */
	int64_t time;      /* when it was saved, seconds since 1970 */
	uint64_t files;    /* members of the archive */
	char source[256];  /* "slot-2", "host.apkovl.tar.gz" */
};

/* 0 also when there is nothing to restore or nothing usable (`degraded` heard
 * why). -1 with *e only when no root could be made. */
int restore_boot(const struct restore_plan *plan, struct restore_result *out, struct err *e);

#endif
