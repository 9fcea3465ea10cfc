/* header: the few header fields of an HTTP answer that slate-fetch goes by.
 *
 * Foreign text: each line is decoded on its own, what is too long or not of the
 * form is as if it were not there. RFC 9110.  */
#ifndef FETCH_HEADER_H
#define FETCH_HEADER_H

#include <stdbool.h>
#include <stdint.h>

#include "../base/span.h"

#define HEADER_UNKNOWN UINT64_MAX

struct header {
	int status;         /* "HTTP/1.1 206": 206; 0: none yet */
	char etag[200];     /* with its quotes, and W/ where it is weak; "": none */
	char modified[64];  /* Last-Modified; "": none */
	uint64_t length;    /* Content-Length; HEADER_UNKNOWN */
	uint64_t start;     /* first byte of Content-Range; HEADER_UNKNOWN */
	uint64_t whole;     /* bytes of the whole file, of Content-Range; HEADER_UNKNOWN */
};

void header_clear(struct header *h);

/* Takes one line, with or without its line end. A status line clears the rest. */
void header_line(struct header *h, struct span line);

/* What may follow If-Range: a strong ETag, else the date; NULL: nothing. */
const char *header_validator(const struct header *h);

#endif
