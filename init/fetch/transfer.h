/* transfer: one request to a server, by libcurl.
 *
 * HTTP and HTTPS, with redirections between them but never from HTTPS to HTTP. The
 * server's certificate must be good. A server that is silent for half a minute is
 * given up.  */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/err.h"
#include "header.h"

#define TRANSFER_TO_END UINT64_MAX

struct transfer {
	const char *url;
	const char *authorities; /* file of certificates, PEM; NULL: none, so no HTTPS */

	/* get: bytes from `from` on; `size` of them, or TRANSFER_TO_END */
	uint64_t from, size;
	const char *if_range;    /* NULL: ask for the part without a condition */
	/* Called when the first bytes of a good answer come: may refuse them. */
	int (*begin)(void *ctx, const struct header *h, struct err *e);
	int (*bytes)(void *ctx, const void *bytes, size_t len, struct err *e);
	void *ctx;

	/* put: what is sent, from a file's start */
	int upload;              /* borrowed; -1: this is a get */
	uint64_t upload_size;
	const char *if_match;    /* an ETag; "": only where nothing is yet; NULL: always */

	/* result */
	struct header header;
};

/* How a request ended. */
enum transfer_end {
	TRANSFER_DONE,      /* 2xx, and all of the body */
	TRANSFER_AGAIN,     /* the network, or a server that is not well: *e says what */
	TRANSFER_MISSING,   /* 404, 410 */
	TRANSFER_CONFLICT,  /* 412: what is there is another */
	TRANSFER_REFUSED,   /* 4xx, or `begin` did not like the answer */
	TRANSFER_BROKEN,    /* on this machine: trying again is no use */
};

int transfer_init(struct err *e); /* once; 0, or -1 with *e */

enum transfer_end transfer_run(struct transfer *t, struct err *e);

/* Does the URL begin with http:// or https://? */
bool transfer_is_url(const char *url);

#endif
