#include "fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../base/clock.h"
#include "console.h"

enum { QUIET_WAIT_MS = 2000 };

struct view {
	struct boot *b;
	const struct fetch *f;
	struct countdown countdown;
	char text[160];
};

static void say(void *ctx, const char *text)
{
	struct view *v = ctx;

	/* also where only errors are shown: somebody may be waiting */
	boot_say(v->b, REPORT_ERROR, "%s: %s", v->f->what, text);
}

static void show_progress(void *ctx, unsigned long long done, unsigned long long whole)
{
	struct view *v = ctx;

	if (whole)
		snprintf(v->text, sizeof v->text, "%.80s: %llu%% of %llu MiB", v->f->what,
		         done * 100 / whole, whole >> 20);
	else
		snprintf(v->text, sizeof v->text, "%.80s: %llu KiB", v->f->what, done >> 10);
}

static void before(void *ctx, int *fd, int *wait_ms)
{
	struct view *v = ctx;

	countdown_step(&v->countdown, fd);
	*wait_ms = countdown_next_ms(&v->countdown, COUNTDOWN_NEVER);
}

static bool ready(void *ctx)
{
	return countdown_key(&((struct view *)ctx)->countdown);
}

static void fill_arguments(const struct fetch *f, const char **args, char *max, size_t size)
{
	size_t n = 0;

	args[n++] = "get";
	if (f->for_ever)
		args[n++] = "--for-ever";
	if (f->optional)
		args[n++] = "--optional";
	if (f->manifest) {
		args[n++] = "--check";
		args[n++] = f->manifest;
	}
	if (f->max) {
		snprintf(max, size, "%" PRIu64, f->max);
		args[n++] = "--max";
		args[n++] = max;
	}
	args[n++] = "--";
	args[n++] = f->url;
	args[n++] = f->to;
	args[n] = NULL;
}

enum fetcher_status fetch_run(struct boot *b, const struct fetch *f, char *etag, struct err *e)
{
	struct view v = { .b = b, .f = f };
	const char *args[FETCHER_ARGS_MAX];
	char max[24];
	struct fetcher fetcher = {
		.program = fetcher_find(),
		.args = args,
		.say = say,
		.progress = show_progress,
		.before = before,
		.ready = ready,
		.ctx = &v,
	};

	if (!fetcher.program) {
		err_say(e, "%s: this initramfs has no slate-fetch (slate image build puts it in "
		           "where the command line names a URL)",
		        f->url);
		return FETCHER_FAILED;
	}
	fill_arguments(f, args, max, sizeof max);
	snprintf(v.text, sizeof v.text, "%.80s", f->what);
	countdown_start(&v.countdown, clock_now_ms() + QUIET_WAIT_MS, COUNTDOWN_NEVER, v.text,
	                "gives up");

	enum fetcher_status status = fetcher_run(&fetcher, e);

	countdown_end(&v.countdown);
	if (etag)
		memcpy(etag, fetcher.etag, sizeof fetcher.etag);
	return status;
}

static size_t path_length(const char *url)
{
	return strcspn(url, "?#");
}

struct span fetch_name(const char *url)
{
	size_t end = path_length(url), start = end;

	while (start && url[start - 1] != '/')
		start--;
	return (struct span){ url + start, end - start };
}

int fetch_beside(const char *url, const char *name, char *out, size_t size, struct err *e)
{
	struct span last = fetch_name(url);
	int len = snprintf(out, size, "%.*s%s", (int)(last.at - url), url, name);

	return len < 0 || (size_t)len >= size ? err_say(e, "%s: the URL is too long", name) : 0;
}
