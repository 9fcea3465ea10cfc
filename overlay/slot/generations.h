/* generations: everything on a medium that could be restored, newest first.
 *
 * The slots of one name, then Alpine's archives at the top of the medium as
 * generations without a number: NAME.apkovl.tar.gz by name, then the backups that
 * lbu makes of them, NAME.YYYYmmddHHMMSS.tar.gz, the latest first; each also with
 * ".aes-256-cbc" behind it, encrypted.  */
#ifndef SLOT_GENERATIONS_H
#define SLOT_GENERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../init/base/err.h"
#include "archive.h"
#include "slotset.h"

enum { GENERATIONS_FOREIGN_MAX = 16 };

struct generations {
	int medium, dir;           /* owned; dir: of the slots, -1 when there is none */
	const struct vouch *vouch; /* borrowed; NULL: nothing needs to be signed */
	struct slotset set;
	size_t n_foreign;
	char foreign[GENERATIONS_FOREIGN_MAX][256]; /* names at the top of the medium, in order */
	char unread[256]; /* the name of one that lbu encrypted by another cipher; "": none */
};

/* Whether the name is that of a backup that lbu made. */
bool generations_is_backup(const char *name);

/* Opens the directories and lists the foreign archives; `set` stays empty, for
 * callers that scan it in a child. */
int generations_open(struct generations *g, int medium, const char *name, const struct vouch *vouch,
                     struct err *e);

/* Reads what is on `medium` (borrowed) for `name`. Payloads are not verified yet.
 * 0, or -1 with *e; generations_drop in both cases. */
int generations_scan(struct generations *g, int medium, const char *name, const struct vouch *vouch,
                     struct err *e);

/* Verifies the payload and the signature of each slot. */
void generations_verify(struct generations *g);

/* Opens a slot or a foreign archive (a path on the medium). The caller owns *fd. */
int generations_open_slot(const struct generations *g, const struct slot *slot, int pristine,
                          int *fd, struct archive *out, struct err *e);
int generations_open_foreign(const struct generations *g, const char *path, int pristine, int *fd,
                             struct archive *out, struct err *e);

/* Which one: a sequence number, or one of these. */
#define GENERATION_NEWEST  UINT64_MAX
#define GENERATION_FOREIGN 0 /* the Alpine archive */

struct chosen {
	int fd; /* owned */
	struct archive archive;
	char title[64]; /* "generation 41", "host.apkovl.tar.gz" */
};

/* Opens a generation after generations_verify; the newest is the Alpine archive
 * where no slot is valid. 1: it is *out; 0: the newest was wanted and there is
 * none; -1 with *e. The caller closes out->fd in all cases. */
int generations_choose(struct generations *g, uint64_t which, int pristine, struct chosen *out,
                       struct err *e);

void generations_drop(struct generations *g);

#endif
