#include "header.h"

#include <string.h>
#include <strings.h>

void header_clear(struct header *h)
{
	*h = (struct header){
		.length = HEADER_UNKNOWN, .start = HEADER_UNKNOWN, .whole = HEADER_UNKNOWN
	};
}

static bool name_is(struct span name, const char *text)
{
	return name.len == strlen(text) && strncasecmp(name.at, text, name.len) == 0;
}

/* Bytes that may go back to a server as they are: no controls, nothing that breaks lines. */
static bool is_plain(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return true;
}

static void take_etag(struct header *h, struct span value)
{
	struct span quoted = span_starts(value, "W/") ? span_from(value, 2) : value;

	if (quoted.len < 2 || quoted.at[0] != '"' || quoted.at[quoted.len - 1] != '"' ||
	    memchr(quoted.at + 1, '"', quoted.len - 2) || !is_plain(value) ||
	    !span_copy(value, h->etag, sizeof h->etag))
		h->etag[0] = '\0';
}

/* "bytes 100-199/1000", "bytes * /1000" without the blank. */
static void take_range(struct header *h, struct span value)
{
	struct span unit, range, whole, first, last;
	uint64_t start, end;

	span_cut(value, ' ', &unit, &range);
	if (!name_is(unit, "bytes") || !range.at)
		return;
	span_cut(range, '/', &range, &whole);
	if (whole.at && !span_uint(whole, INT64_MAX, &h->whole))
		h->whole = HEADER_UNKNOWN;
	span_cut(range, '-', &first, &last);
	if (last.at && span_uint(first, INT64_MAX, &start) && span_uint(last, INT64_MAX, &end) &&
	    start <= end)
		h->start = start;
}

static void take_status(struct header *h, struct span line)
{
	struct span version, status;
	uint64_t n;

	header_clear(h);
	if (span_word(&line, " ", &version) && span_word(&line, " ", &status) &&
	    span_uint(status, 999, &n))
		h->status = (int)n;
}

void header_line(struct header *h, struct span line)
{
	struct span name, value;

	line = span_trim(line);
	if (span_starts(line, "HTTP/")) {
		take_status(h, line);
		return;
	}
	span_cut(line, ':', &name, &value);
	if (!value.at)
		return;
	value = span_trim(value);
	if (name_is(name, "ETag")) {
		take_etag(h, value);
	} else if (name_is(name, "Last-Modified")) {
		if (!is_plain(value) || !span_copy(value, h->modified, sizeof h->modified))
			h->modified[0] = '\0';
	} else if (name_is(name, "Content-Length")) {
		if (!span_uint(value, INT64_MAX, &h->length))
			h->length = HEADER_UNKNOWN;
	} else if (name_is(name, "Content-Range")) {
		take_range(h, value);
	}
}

const char *header_validator(const struct header *h)
{
	if (h->etag[0] == '"')
		return h->etag;
	return h->modified[0] ? h->modified : NULL;
}
