/* fetcher: runs slate-fetch, which gets and puts files over HTTP and HTTPS.
 *
 * It is a program of its own, so that nothing of the network, of TLS or of what a
 * server says is ever in the caller's process. It writes lines "key=value":
 *
 *     progress=DONE WHOLE   bytes; WHOLE is 0 while it is not known
 *     say=TEXT              what went wrong, while it goes on trying
 *     etag="…"              of what was got or put; size=N of it
 *     error=TEXT            why it ended
 *
 * and its exit status is an enum fetcher_status.  */
#ifndef BASE_FETCHER_H
#define BASE_FETCHER_H

#include <poll.h>
#include <stdbool.h>

#include "err.h"

enum fetcher_status {
	FETCHER_DONE,
	FETCHER_FAILED,
	FETCHER_USAGE,
	FETCHER_MISSING,  /* there is no such file */
	FETCHER_CONFLICT, /* what is there is not what was to be replaced, or what was described */
};

enum { FETCHER_ETAG_MAX = 200, FETCHER_ARGS_MAX = 16 };

struct fetcher {
	const char *program;
	const char *const *args; /* without the program's name; NULL ends */
	void (*say)(void *ctx, const char *text);
	void (*progress)(void *ctx, unsigned long long done, unsigned long long whole);
	/* Before each wait: a descriptor to watch too (-1: none) and the longest time
	 * to wait, ms (-1: any). `ready`: it has something; true ends the program. All
	 * of these may be NULL. */
	void (*before)(void *ctx, int *fd, int *wait_ms);
	bool (*ready)(void *ctx);
	void *ctx;

	char etag[FETCHER_ETAG_MAX]; /* result; "": the server gave none */
};

/* Where the program is: in the initramfs, lent, or installed; NULL: nowhere. */
const char *fetcher_find(void);

/* Seconds to wait before the next try, after so many failures in a row before the last. */
unsigned fetcher_pause_s(unsigned failures);

/* Whether it can be asked for `text`: a URL of http:// or https://. */
bool fetcher_is_url(const char *text);

/* Runs it to its end. FETCHER_DONE, or another with *e. */
enum fetcher_status fetcher_run(struct fetcher *f, struct err *e);

#endif
