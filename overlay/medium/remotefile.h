/* remotefile: where on a server the saved configuration lives, in PATH_REMOTE.
 *
 * slate-boot writes it, with the ETag of what it got; a save reads it (remote.h).  */
#ifndef MEDIUM_REMOTEFILE_H
#define MEDIUM_REMOTEFILE_H

#include "../../init/base/err.h"
#include "../../init/base/fetcher.h"

#define REMOTE_URL_MAX 700

/* What the server held last, of which this machine has a copy. */
#define REMOTE_ARCHIVE "/run/slate/remote.apkovl.tar.gz"

enum remote_state {
	REMOTE_NONE,    /* nothing is saved to a server */
	REMOTE_HELD,    /* `etag` is of what the server held last */
	REMOTE_EMPTY,   /* there was nothing */
	REMOTE_UNKNOWN, /* the server could not be asked: only a new file may be made */
};

struct remote {
	enum remote_state state;
	char url[REMOTE_URL_MAX]; /* {MAC} and the like filled in */
	char etag[FETCHER_ETAG_MAX];
};

/* From and to the file `path`, key=value lines. No file: REMOTE_NONE. 0, or -1 with *e. */
int remotefile_read(const char *path, struct remote *r, struct err *e);
int remotefile_write(const char *path, const struct remote *r, struct err *e);

#endif
