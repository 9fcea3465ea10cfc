/* slate-fetch: gets and puts files over HTTP and HTTPS, for slate-boot and slate. */
#include <curl/curl.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/relro.h"
#include "../base/report.h"
#include "get.h"
#include "transfer.h"

enum { PROGRESS_MS = 250, PUT_TRIES = 5, GET_TRIES = 3 };

static const char *const authorities[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/ssl/cert.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/ca-bundle.pem",
};

static const char usage_text[] =
	"usage: slate-fetch get [--for-ever [--optional]] [--max BYTES] [--check MANIFEST] URL FILE\n"
	"       slate-fetch put [--if-match ETAG | --if-none] URL FILE\n"
	"       slate-fetch --version\n"
	"see slate-boot(8)\n";

struct request {
	const char *url, *file, *manifest, *if_match;
	uint64_t max;
	bool for_ever, optional;
};

static void print_line(const char *key, const char *text)
{
	char line[600];

	snprintf(line, sizeof line, "%s=%s", key, text);
	report_clean(line);
	puts(line);
	fflush(stdout);
}

static void say(const char *text)
{
	print_line("say", text);
}

static void progress(uint64_t done, uint64_t whole)
{
	static uint64_t next_ms;
	uint64_t now_ms = clock_now_ms();

	if (now_ms < next_ms && done != whole)
		return;
	next_ms = now_ms + PROGRESS_MS;
	printf("progress=%" PRIu64 " %" PRIu64 "\n", done, whole);
	fflush(stdout);
}

static const char *find_authorities(void)
{
	for (size_t i = 0; i < sizeof authorities / sizeof *authorities; i++)
		if (access(authorities[i], R_OK) == 0)
			return authorities[i];
	return NULL;
}

/* A clock that stands before this program was written makes every certificate one
 * of the future; the time of the newest file here is nearer to the truth. */
static void mend_clock(const char *near)
{
	struct stat st;

	if (near && stat(near, &st) == 0 && st.st_mtime > time(NULL)) {
		struct timespec t = { .tv_sec = st.st_mtime };

		clock_settime(CLOCK_REALTIME, &t);
	}
}

static int read_manifest(const char *path, struct rootmanifest *m, struct err *e)
{
	char text[ROOTMANIFEST_MAX];
	ssize_t len = fd_read_file(AT_FDCWD, path, text, sizeof text, e);

	if (len < 0)
		return -1;
	return rootmanifest_decode((struct span){ text, (size_t)len }, m, e) < 0
	               ? err_wrap(e, "%s", path)
	               : 0;
}

static enum fetcher_status report(enum fetcher_status status, const struct header *h, uint64_t size,
                                  const struct request *r, const struct err *e)
{
	char text[700];

	if (status == FETCHER_DONE) {
		if (h->etag[0])
			print_line("etag", h->etag);
		printf("size=%" PRIu64 "\n", size);
		return status;
	}
	snprintf(text, sizeof text, "%.200s: %s", r->url, e->text);
	print_line("error", text);
	return status;
}

static enum fetcher_status do_get(const struct request *r, struct err *e)
{
	struct rootmanifest manifest;
	FD_AUTO fd = open(r->file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct get g = {
		.url = r->url,
		.authorities = find_authorities(),
		.fd = fd,
		.max = r->max,
		.tries = r->for_ever ? 0 : GET_TRIES,
		.optional = r->optional,
		.check = r->manifest ? &manifest : NULL,
		.say = say,
		.progress = progress,
	};

	mend_clock(g.authorities);
	if (fd < 0)
		err_sys(e, "open %s", r->file);
	if (fd < 0 || (r->manifest && read_manifest(r->manifest, &manifest, e) < 0))
		return report(FETCHER_FAILED, NULL, 0, r, e);

	enum fetcher_status status = get_run(&g, e);

	return report(status, &g.header, g.size, r, e);
}

static enum fetcher_status status_of(enum transfer_end end)
{
	return end == TRANSFER_DONE       ? FETCHER_DONE
	       : end == TRANSFER_CONFLICT ? FETCHER_CONFLICT
	       : end == TRANSFER_MISSING  ? FETCHER_MISSING
	                                  : FETCHER_FAILED;
}

/* After an answer that did not come the first try may have been done: the next one
 * then meets its own copy, which the caller finds out by reading it. */
static enum fetcher_status do_put(const struct request *r, struct err *e)
{
	FD_AUTO fd = open(r->file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	enum transfer_end end = TRANSFER_BROKEN;

	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(e, "open %s", r->file);
		return report(FETCHER_FAILED, NULL, 0, r, e);
	}

	struct transfer t = {
		.url = r->url,
		.authorities = find_authorities(),
		.size = TRANSFER_TO_END,
		.upload = fd,
		.upload_size = (uint64_t)st.st_size,
		.if_match = r->if_match,
	};

	mend_clock(t.authorities);
	for (unsigned tries = 1; (end = transfer_run(&t, e)) == TRANSFER_AGAIN && tries < PUT_TRIES;
	     tries++) {
		struct timespec pause = { .tv_sec = fetcher_pause_s(tries - 1) };

		say(e->text);
		nanosleep(&pause, NULL);
	}
	return report(status_of(end), &t.header, t.upload_size, r, e);
}

static int usage(void)
{
	fputs(usage_text, stderr);
	return FETCHER_USAGE;
}

static bool parse(int argc, char **argv, struct request *r)
{
	static const struct option options[] = {
		{ "for-ever", no_argument, NULL, 'f' },
		{ "optional", no_argument, NULL, 'o' },
		{ "max", required_argument, NULL, 'm' },
		{ "check", required_argument, NULL, 'c' },
		{ "if-match", required_argument, NULL, 'i' },
		{ "if-none", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*r = (struct request){ .max = INT64_MAX };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'f')
			r->for_ever = true;
		else if (option == 'o')
			r->optional = true;
		else if (option == 'c')
			r->manifest = optarg;
		else if (option == 'i')
			r->if_match = optarg;
		else if (option == 'n')
			r->if_match = "";
		else if (option != 'm' || !span_uint(span_of(optarg), INT64_MAX, &r->max))
			return false;
	}
	if (argc - optind != 2 || !transfer_is_url(argv[optind]))
		return false;
	r->url = argv[optind];
	r->file = argv[optind + 1];
	return true;
}

int main(int argc, char **argv)
{
	struct request r;
	struct err e = { 0 };

	relro_apply();
	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("slate-fetch " SLATE_VERSION " (%s)\n", curl_version());
		return FETCHER_DONE;
	}
	if (argc < 2 || !parse(argc - 1, argv + 1, &r))
		return usage();
	if (transfer_init(&e) < 0)
		return report(FETCHER_FAILED, NULL, 0, &r, &e);
	if (strcmp(argv[1], "get") == 0)
		return do_get(&r, &e);
	if (strcmp(argv[1], "put") == 0)
		return do_put(&r, &e);
	return usage();
}
