#include "remote.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../overlay/medium/remotefile.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "fetch.h"
#include "machine.h"
#include "network.h"

static bool is_url(const char *text)
{
	return strstr(text, "://") != NULL;
}

bool remote_is_asked(const struct settings *s)
{
	return is_url(s->apkovl) || is_url(s->save);
}

/* From the network, else from the image. */
static void find_hostname(const struct boot *b, char *out, size_t size)
{
	char text[128];
	FD_AUTO fd = fd_open_in_root(b->root.dir, "etc/hostname", O_RDONLY | O_NONBLOCK, 0);

	snprintf(out, size, "%s",
	         b->settings.hostname[0] ? b->settings.hostname : b->lease.hostname);
	if (out[0] || fd < 0)
		return;

	ssize_t len = fd_read_full(fd, text, sizeof text);

	if (len > 0)
		span_copy(span_trim((struct span){ text, (size_t)len }), out, size);
}

static int fill_in(const struct boot *b, const char *option, const char *pattern, char *out,
                   size_t size, struct err *e)
{
	struct machine m = { 0 };

	machine_read(&m, pattern, b->settings.bootif);
	find_hostname(b, m.hostname, sizeof m.hostname);
	return machine_fill_url(&m, option, pattern, out, size, e);
}

/* 1: got; 0: not there; -1: told why. */
static int get(struct boot *b, const char *url, char *etag)
{
	struct fetch f = { .what = "saved configuration", .url = url, .to = REMOTE_ARCHIVE };
	struct err e;
	enum fetcher_status status = fetch_run(b, &f, etag, &e);

	if (status == FETCHER_DONE)
		return 1;
	unlink(REMOTE_ARCHIVE);
	if (status == FETCHER_MISSING) {
		boot_say(b, REPORT_INFO, "restore: %s: nothing is saved there yet", url);
		return 0;
	}
	boot_degrade(b, "restore: %s", e.text);
	return -1;
}

static void name_of(const char *url, char *title, size_t size)
{
	struct span name = fetch_name(url);

	snprintf(title, size, "%.*s", SPAN_ARGS(name));
}

/* The machine's own archive; also notes what the next save may replace. */
static int get_own(struct boot *b, char *title, size_t size)
{
	struct remote r = { .state = REMOTE_UNKNOWN };
	struct err e;
	int result;

	if (!is_url(b->settings.save))
		return 0;
	if (fill_in(b, "slate.save=", b->settings.save, r.url, sizeof r.url, &e) < 0) {
		boot_degrade(b, "%s; nothing can be saved", e.text);
		return 0;
	}
	result = b->connected ? get(b, r.url, r.etag) : -1;
	if (result >= 0)
		r.state = result ? REMOTE_HELD : REMOTE_EMPTY;
	if (remotefile_write(PATH_REMOTE, &r, &e) < 0)
		boot_degrade(b, "slate.save=: %s", e.text);
	name_of(r.url, title, size);
	return result;
}

static int get_first(struct boot *b, char *title, size_t size)
{
	char url[REMOTE_URL_MAX];
	struct err e;

	if (!is_url(b->settings.apkovl) || strcmp(b->settings.apkovl, b->settings.save) == 0)
		return 0;
	if (fill_in(b, "apkovl=", b->settings.apkovl, url, sizeof url, &e) < 0) {
		boot_degrade(b, "%s; nothing is restored from there", e.text);
		return 0;
	}
	name_of(url, title, size);
	return b->connected && get(b, url, NULL) > 0;
}

/* An initramfs without slate-fetch has no drivers of cards to wait for either. */
static void reach(struct boot *b)
{
	const char *own = is_url(b->settings.save) ? b->settings.save : NULL;
	struct err e = { 0 };

	if (!fetcher_find())
		err_say(&e, "this initramfs has no slate-fetch");
	else if (network_up(b, clock_now_ms() + b->settings.rootwait_s * 1000, &e) == 0)
		return;
	boot_degrade(b, "%s%s: %s", own ? "slate.save=" : "apkovl=", own ? own : b->settings.apkovl,
	             e.text);
}

int remote_fetch(struct boot *b, char *title, size_t size)
{
	reach(b);

	int own = get_own(b, title, size);

	/* where it is not known whether there is an own one, the copy on a medium is nearer */
	return own > 0 || (own == 0 && get_first(b, title, size) > 0);
}
