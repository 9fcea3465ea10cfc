/* get: brings a file from a server, however long it takes.
 *
 * What has arrived is kept: after a failure only the rest is asked for, where the
 * server says by its ETag or date that the file is still the same. With a manifest
 * each block is hashed as it arrives, and at the end those that are wrong are got
 * anew. The pauses between tries grow from one second to a minute, and begin anew
 * when something had arrived.  */
#ifndef FETCH_GET_H
#define FETCH_GET_H

#include <stdbool.h>
#include <stdint.h>

#include "../../overlay/trust/rootmanifest.h"
#include "../base/err.h"
#include "../base/fetcher.h"
#include "header.h"

struct get {
	const char *url, *authorities;
	int fd;           /* where to, from its start; borrowed */
	uint64_t max;     /* bytes that it may have */
	unsigned tries;   /* 0: for ever, whatever the server says */
	bool optional;    /* but that there is no such file is an answer */
	const struct rootmanifest *check; /* NULL: nothing to check by */
	/* Told of failures that are not the end, and of bytes that have arrived. */
	void (*say)(const char *text);
	void (*progress)(uint64_t done, uint64_t whole);

	struct header header; /* result: of the last good answer */
	uint64_t size;        /* result: bytes */
};

/* FETCHER_DONE, or with *e FETCHER_MISSING, FETCHER_FAILED, or FETCHER_CONFLICT: the
 * server has another file than the manifest describes, and a newer manifest may too. */
enum fetcher_status get_run(struct get *g, struct err *e);

#endif
