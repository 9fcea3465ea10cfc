/* remote: saved configuration that lives on a server, slate.save=URL.
 *
 * The server holds one archive for this machine, the newest. slate-boot has got it,
 * and left in PATH_REMOTE where from, and the ETag of what it got. A save puts the
 * new archive there on the condition that this is still what the server has, so that
 * no machine overwrites what another one saved meanwhile, and reads it back. Where
 * the machine has a medium too, it gets a copy. A machine that signs or encrypts what it
 * saves does so there, too: the archive is then a slot (sealedfile.h), with a number
 * above that of the one it replaces.  */
#ifndef SAVE_REMOTE_H
#define SAVE_REMOTE_H

#include "../../init/base/err.h"
#include "../../init/base/fetcher.h"

struct archive;
struct sink;
struct layer;

/* Opens REMOTE_ARCHIVE: 1, and out->fd is the caller's; 0: there is none; -1 with *e. */
int remote_open_archive(const struct layer *l, struct archive *out, struct err *e);

/* Passes its members on; nothing, where there is none. 0, or -1 with *e. */
int remote_read_archive(const struct layer *l, const struct sink *sink, struct err *e);

struct commit_options;
struct commit_result;
struct pack_source;

/* Gets what the server holds now, whoever put it there, and opens it: out->fd is the
 * caller's, `etag` is of it. Nothing else changes before remote_take, after which the
 * next save may replace it. 0, or -1 with *e. */
int remote_get(const struct layer *l, struct archive *out, char etag[FETCHER_ETAG_MAX],
               struct err *e);
int remote_take(const struct layer *l, const char *etag, struct err *e);
void remote_leave(void); /* instead of remote_take */

/* commit, wherever this machine's generations live: on its medium, or on a server. */
int remote_commit(const struct layer *l, const struct pack_source *source,
                  const struct commit_options *o, struct commit_result *out, struct err *e);

/* The first half of it for a server: makes the archive, and the copy on a medium, and sends
 * nothing. As remote_commit. */
int remote_spool(const struct layer *l, const struct pack_source *source,
                 const struct commit_options *o, struct commit_result *out, struct err *e);

/* The second half, in whatever process: sends what was spooled. 0, or -1 with *e. */
int remote_send(const struct commit_options *o, struct err *e);

#endif
