#include "transfer.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { CONNECT_S = 15, SILENT_S = 30, SILENT_BYTES = 64, REDIRECTIONS = 5 };

/* One request in the making: what the callbacks need. */
struct request {
	struct transfer *t;
	CURL *curl;
	struct curl_slist *headers;
	struct err *e;
	uint64_t sent; /* of the upload */
	bool begun, refused, broken;
	char why[CURL_ERROR_SIZE];
};

int transfer_init(struct err *e)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0
	                                                          : err_say(e, "libcurl can't start");
}

bool transfer_is_url(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0;
}

static size_t on_header(char *line, size_t one, size_t len, void *ctx)
{
	struct request *r = ctx;

	(void)one;
	header_line(&r->t->header, (struct span){ line, len });
	return len;
}

static bool is_good(int status)
{
	return status >= 200 && status < 300;
}

/* The body of a redirection or of an error is not what was asked for. */
static size_t on_bytes(char *bytes, size_t one, size_t len, void *ctx)
{
	struct request *r = ctx;
	struct transfer *t = r->t;

	(void)one;
	if (!is_good(t->header.status) || !t->bytes)
		return len;
	if (!r->begun && t->begin)
		r->refused = t->begin(t->ctx, &t->header, r->e) < 0;
	r->begun = true;
	if (!r->refused)
		r->broken = t->bytes(t->ctx, bytes, len, r->e) < 0;
	return r->refused || r->broken ? 0 : len;
}

static size_t on_upload(char *into, size_t one, size_t len, void *ctx)
{
	struct request *r = ctx;
	uint64_t left = r->t->upload_size - r->sent;
	ssize_t n = pread(r->t->upload, into, one * len < left ? one * len : (size_t)left,
	                  (off_t)r->sent);

	if (n < 0)
		return CURL_READFUNC_ABORT;
	r->sent += (uint64_t)n;
	return (size_t)n;
}

/* A connection that the server had closed is made anew, and all sent again. */
static int on_rewind(void *ctx, curl_off_t offset, int origin)
{
	struct request *r = ctx;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_FAIL;
	r->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static void add_header(struct request *r, const char *name, const char *value)
{
	char line[300];

	snprintf(line, sizeof line, "%s: %s", name, value);
	r->headers = curl_slist_append(r->headers, line);
}

static void ask_for_part(struct request *r)
{
	const struct transfer *t = r->t;
	char range[64];

	if (t->from == 0 && t->size == TRANSFER_TO_END)
		return;
	if (t->size == TRANSFER_TO_END)
		snprintf(range, sizeof range, "bytes=%" PRIu64 "-", t->from);
	else
		snprintf(range, sizeof range, "bytes=%" PRIu64 "-%" PRIu64, t->from,
		         t->from + t->size - 1);
	add_header(r, "Range", range);
	if (t->if_range)
		add_header(r, "If-Range", t->if_range);
}

static void set_upload(struct request *r)
{
	const struct transfer *t = r->t;

	curl_easy_setopt(r->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(r->curl, CURLOPT_READFUNCTION, on_upload);
	curl_easy_setopt(r->curl, CURLOPT_READDATA, r);
	curl_easy_setopt(r->curl, CURLOPT_SEEKFUNCTION, on_rewind);
	curl_easy_setopt(r->curl, CURLOPT_SEEKDATA, r);
	curl_easy_setopt(r->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)t->upload_size);
	add_header(r, "Content-Type", "application/gzip");
	add_header(r, "Expect", "");
	if (t->if_match)
		add_header(r, t->if_match[0] ? "If-Match" : "If-None-Match",
		           t->if_match[0] ? t->if_match : "*");
}

static void set_up(struct request *r)
{
	CURL *c = r->curl;
	const struct transfer *t = r->t;

	curl_easy_setopt(c, CURLOPT_URL, t->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "slate/" SLATE_VERSION);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->why);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
	                 strncasecmp(t->url, "https:", 6) == 0 ? "https" : "http,https");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, t->upload < 0 ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTIONS);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)SILENT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, (long)SILENT_BYTES);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 262144L);
	if (t->authorities)
		curl_easy_setopt(c, CURLOPT_CAINFO, t->authorities);
	ask_for_part(r);
	if (t->upload >= 0)
		set_upload(r);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, r->headers);
}

/* What will be no different the next time. */
static bool is_final(CURLcode code)
{
	return code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
	       code == CURLE_OUT_OF_MEMORY || code == CURLE_SSL_CACERT_BADFILE;
}

/* This libcurl has no names for the kernel's errors, to be small; libc does. */
static void say_failure(const struct request *r, CURLcode code, struct err *e)
{
	static const char nameless[] = ": Error";
	struct span why = span_of(r->why[0] ? r->why : curl_easy_strerror(code));
	long number = 0;

	curl_easy_getinfo(r->curl, CURLINFO_OS_ERRNO, &number);
	if (number && span_ends(why, nameless))
		why.len -= sizeof nameless - 1;
	err_say(e, "%.*s%s%s", SPAN_ARGS(why), number ? ": " : "",
	        number ? strerror((int)number) : "");
}

static enum transfer_end judge_failure(const struct request *r, CURLcode code, struct err *e)
{
	/* *e is the callback's */
	if (r->refused || r->broken)
		return r->broken ? TRANSFER_BROKEN : TRANSFER_REFUSED;
	say_failure(r, code, e);
	return is_final(code) ? TRANSFER_BROKEN : TRANSFER_AGAIN;
}

static enum transfer_end judge_status(int status, struct err *e)
{
	if (is_good(status))
		return TRANSFER_DONE;
	err_say(e, "the server says %d%s", status,
	        status == 404   ? " (not found)"
	        : status == 403 ? " (forbidden)"
	        : status == 401 ? " (it wants a password)"
	        : status == 412 ? " (another copy is there)"
	        : status == 405 ? " (it takes no such request)"
	                        : "");
	if (status == 404 || status == 410)
		return TRANSFER_MISSING;
	if (status == 412)
		return TRANSFER_CONFLICT;
	/* 408, 425, 429 and all of its own troubles pass; a refusal stays */
	return status < 400 || status >= 500 || status == 408 || status == 416 || status == 425 ||
	                       status == 429
	               ? TRANSFER_AGAIN
	               : TRANSFER_REFUSED;
}

static enum transfer_end run(struct request *r, struct err *e)
{
	set_up(r);

	CURLcode code = curl_easy_perform(r->curl);

	if (code != CURLE_OK)
		return judge_failure(r, code, e);
	return judge_status(r->t->header.status, e);
}

enum transfer_end transfer_run(struct transfer *t, struct err *e)
{
	struct request r = { .t = t, .curl = curl_easy_init(), .e = e };

	header_clear(&t->header);
	if (!r.curl) {
		err_say(e, "out of memory");
		return TRANSFER_BROKEN;
	}

	enum transfer_end end = run(&r, e);

	curl_slist_free_all(r.headers);
	curl_easy_cleanup(r.curl);
	return end;
}
