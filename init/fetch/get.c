#include "get.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/meminfo.h"
#include "../../overlay/trust/blocks.h"
#include "transfer.h"

enum { REPAIRS_MAX = 4 };

struct state {
	struct get *g;
	struct blocks blocks; /* where g->check is */
	uint64_t have;        /* bytes in the file, from its start */
	uint64_t whole;       /* as announced; HEADER_UNKNOWN */
	bool another;         /* it is not the file of the manifest */
	char validator[sizeof((struct header *)0)->etag];
};

static int start_anew(struct state *s, struct err *e)
{
	s->have = 0;
	s->whole = HEADER_UNKNOWN;
	s->validator[0] = '\0';
	if (s->g->check)
		blocks_restart(&s->blocks);
	return ftruncate(s->g->fd, 0) < 0 ? err_sys(e, "empty the file") : 0;
}

/* Better said before the first byte than at the last. A file in memory leaves what the
 * boot needs to go on: a kernel that runs out of it kills programs, or panics. */
static int check_room(int fd, uint64_t size, struct err *e)
{
	struct statfs fs;
	struct meminfo m;
	uint64_t room;

	if (fstatfs(fd, &fs) < 0)
		return err_sys(e, "ask for the free space");
	room = (uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize;
	if (fs.f_type == TMPFS_MAGIC && meminfo_read(&m, e) == 0 && m.total > 0) {
		uint64_t left = m.available > MEMINFO_NEEDED ? m.available - MEMINFO_NEEDED : 0;

		room = left < room ? left : room;
	}
	if (size > room)
		return err_say(e,
		               "it needs %" PRIu64 " MiB of memory, and %" PRIu64 " MiB can be had",
		               (size + (1 << 20) - 1) >> 20, room >> 20);
	return 0;
}

static int check_size(struct state *s, uint64_t size, struct err *e)
{
	if (size == HEADER_UNKNOWN)
		return 0;
	s->another = s->g->check && size != s->g->check->size;
	if (s->another)
		return err_say(e,
		               "the server's file has %" PRIu64 " bytes, but its manifest says %"
		               PRIu64,
		               size, s->g->check->size);
	if (size > s->g->max)
		return err_say(e, "it has %" PRIu64 " KiB, and only %" PRIu64 " KiB are allowed",
		               size / 1024, s->g->max / 1024);
	/* by its manifest it was asked before */
	return !s->g->check && size > s->have ? check_room(s->g->fd, size - s->have, e) : 0;
}

static int begin(void *ctx, const struct header *h, struct err *e)
{
	struct state *s = ctx;
	const char *validator = header_validator(h);

	if (h->status == 206 && h->start != s->have)
		return err_say(e, "the server sent another part than the one asked for");
	/* the whole of it: no parts here, or it is another file now */
	if (h->status != 206 && s->have && start_anew(s, e) < 0)
		return -1;
	s->whole = h->status == 206 ? h->whole : h->length;
	snprintf(s->validator, sizeof s->validator, "%s", validator ? validator : "");
	s->g->header = *h;
	return check_size(s, s->whole, e);
}

static int write_at(int fd, const void *bytes, size_t len, uint64_t at, struct err *e)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)bytes + done, len - done, (off_t)(at + done));

		if (n < 0 && errno != EINTR)
			return err_sys(e, "write it");
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int take_bytes(void *ctx, const void *bytes, size_t len, struct err *e)
{
	struct state *s = ctx;

	if (s->have + len > s->g->max)
		return err_say(e, "it is larger than the %" PRIu64 " KiB that are allowed",
		               s->g->max / 1024);
	if (write_at(s->g->fd, bytes, len, s->have, e) < 0)
		return -1;
	if (s->g->check)
		blocks_add(&s->blocks, bytes, len);
	s->have += len;
	if (s->g->progress)
		s->g->progress(s->have, s->whole == HEADER_UNKNOWN ? 0 : s->whole);
	return 0;
}

/* --- Parts that were wrong --- */

struct repair {
	const struct get *g;
	struct range range;
	uint64_t done;
};

static int begin_part(void *ctx, const struct header *h, struct err *e)
{
	const struct repair *r = ctx;

	if (h->status == 206 && h->start == r->range.at)
		return 0;
	return err_say(e, "the server gives no parts of files");
}

static int take_part(void *ctx, const void *bytes, size_t len, struct err *e)
{
	struct repair *r = ctx;

	if (len > r->range.size - r->done)
		len = (size_t)(r->range.size - r->done);
	if (write_at(r->g->fd, bytes, len, r->range.at + r->done, e) < 0)
		return -1;
	r->done += len;
	return 0;
}

static enum transfer_end get_part(struct state *s, const struct range *range, struct err *e)
{
	struct repair r = { s->g, *range, 0 };
	struct transfer t = {
		.url = s->g->url,
		.authorities = s->g->authorities,
		.from = range->at,
		.size = range->size,
		.begin = begin_part,
		.bytes = take_part,
		.ctx = &r,
		.upload = -1,
	};
	enum transfer_end end = transfer_run(&t, e);

	if (end == TRANSFER_DONE && blocks_reread(&s->blocks, s->g->fd, range, e) < 0)
		return TRANSFER_BROKEN;
	return end;
}

static void say_damage(const struct state *s, const struct range *ranges, long n)
{
	uint64_t bytes = 0;
	char text[200];

	for (long i = 0; i < n; i++)
		bytes += ranges[i].size;
	snprintf(text, sizeof text,
	         "%" PRIu64 " bytes at %" PRIu64 "%s are not what the manifest says; getting them "
	         "again",
	         bytes, ranges[0].at, n > 1 ? " and elsewhere" : "");
	s->g->say(text);
}

/* Gets again what is wrong, until nothing is, or it is no better for that. */
static enum transfer_end repair(struct state *s, struct err *e)
{
	static struct range ranges[BLOCKS_RANGES_MAX];
	enum transfer_end end = TRANSFER_DONE;

	for (int tries = 0; tries <= REPAIRS_MAX; tries++) {
		long n = blocks_find_bad(&s->blocks, s->g->fd, ranges, e);

		if (n <= 0)
			return n < 0 ? TRANSFER_BROKEN : TRANSFER_DONE;
		say_damage(s, ranges, n);
		for (long i = 0; i < n && end == TRANSFER_DONE; i++)
			end = get_part(s, &ranges[i], e);
		if (end != TRANSFER_DONE)
			return end;
	}
	s->another = true;
	err_say(e, "it is not what its manifest says, also when got again");
	return TRANSFER_AGAIN;
}

/* --- The whole --- */

static bool is_complete(const struct state *s)
{
	return s->whole != HEADER_UNKNOWN && s->have == s->whole;
}

static enum transfer_end get_rest(struct state *s, struct err *e)
{
	struct transfer t = {
		.url = s->g->url,
		.authorities = s->g->authorities,
		.from = s->have,
		.size = TRANSFER_TO_END,
		.if_range = s->validator,
		.begin = begin,
		.bytes = take_bytes,
		.ctx = s,
		.upload = -1,
	};
	enum transfer_end end = transfer_run(&t, e);

	/* an empty file has no first byte */
	if (end == TRANSFER_DONE && s->have == 0)
		s->g->header = t.header;
	if (end == TRANSFER_DONE && s->whole != HEADER_UNKNOWN && s->have != s->whole) {
		err_say(e, "only %" PRIu64 " of %" PRIu64 " bytes came", s->have, s->whole);
		return TRANSFER_AGAIN;
	}
	return end;
}

static enum transfer_end try(struct state *s, struct err *e)
{
	enum transfer_end end = TRANSFER_DONE;

	/* nothing says that the rest would be of the same file */
	if (s->have && !s->validator[0] && start_anew(s, e) < 0)
		return TRANSFER_BROKEN;
	if (!is_complete(s))
		end = get_rest(s, e);
	if (end != TRANSFER_DONE || !s->g->check)
		return end;
	if (s->have != s->g->check->size) {
		s->another = true;
		err_say(e, "%" PRIu64 " bytes came, but its manifest says %" PRIu64, s->have,
		        s->g->check->size);
		end = TRANSFER_AGAIN;
	} else {
		end = repair(s, e);
	}
	if (end == TRANSFER_DONE || end == TRANSFER_BROKEN)
		return end;

	struct err ignored; /* the next try truncates it all the same */

	start_anew(s, &ignored);
	return end;
}

static bool goes_on(const struct get *g, enum transfer_end end, unsigned failures)
{
	if (end == TRANSFER_BROKEN || (end == TRANSFER_MISSING && g->optional))
		return false;
	return g->tries == 0 || (end == TRANSFER_AGAIN && failures < g->tries);
}

static void pause_after(const struct get *g, unsigned failures, const struct err *e)
{
	unsigned seconds = fetcher_pause_s(failures - 1);
	struct timespec t = { .tv_sec = seconds };
	char text[sizeof e->text + 40];

	snprintf(text, sizeof text, "%s; trying again in %u s", e->text, seconds);
	g->say(text);
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static enum fetcher_status run(struct state *s, struct err *e)
{
	unsigned failures = 0;

	for (;;) {
		uint64_t had = s->have;
		enum transfer_end end = try(s, e);

		if (end == TRANSFER_DONE) {
			s->g->size = s->have;
			return FETCHER_DONE;
		}
		if (s->another)
			return FETCHER_CONFLICT;
		failures = s->have > had ? 1 : failures + 1;
		if (!goes_on(s->g, end, failures))
			return end == TRANSFER_MISSING ? FETCHER_MISSING : FETCHER_FAILED;
		pause_after(s->g, failures, e);
	}
}

enum fetcher_status get_run(struct get *g, struct err *e)
{
	struct state s = { .g = g, .whole = HEADER_UNKNOWN };
	enum fetcher_status result = FETCHER_FAILED;

	header_clear(&g->header);
	if (!g->check)
		return start_anew(&s, e) < 0 ? FETCHER_FAILED : run(&s, e);
	if (check_room(g->fd, g->check->size, e) < 0 ||
	    blocks_open(&s.blocks, &g->check->verity, e) < 0)
		return FETCHER_FAILED;
	if (start_anew(&s, e) == 0)
		result = run(&s, e);
	blocks_close(&s.blocks);
	return result;
}
