/* fetch: brings a file over the network while the console shows how far it is.
 *
 * slate-fetch does the work; what it has to say goes to the kernel log. A key on the
 * console ends it.  */
#ifndef BOOT_FETCH_H
#define BOOT_FETCH_H

#include "../base/fetcher.h"
#include "boot.h"

struct fetch {
	const char *what;     /* for the console: "root.squashfs" */
	const char *url, *to; /* where from, and the file */
	const char *manifest; /* to check each block by; NULL: none */
	uint64_t max;         /* bytes allowed; 0: as many as fit */
	bool for_ever;        /* until it is there, whatever the server says */
	bool optional;        /* but a server that answers may have none */
};

/* FETCHER_DONE, or another with *e. `etag` (FETCHER_ETAG_MAX) may be NULL. */
enum fetcher_status fetch_run(struct boot *b, const struct fetch *f, char *etag, struct err *e);

/* The URL of `name` in the same folder as `url`. 0, or -1 with *e: too long. */
int fetch_beside(const char *url, const char *name, char *out, size_t size, struct err *e);

/* The file name at the end of a URL, without what follows a '?' or '#'. */
struct span fetch_name(const char *url);

#endif
