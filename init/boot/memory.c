#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../../overlay/identity/statestore.h"

#ifndef SLATE_BUILT
#define SLATE_BUILT 0
#endif

enum { READ_MS = 10000 };

#define CLOCK_TRUST_S (INT64_C(30) * 366 * 86400)

static int read_it(void *arg, void *out, struct err *e)
{
	return statestore_read(*(const int *)arg, out, e);
}

void memory_read(struct boot *b)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + READ_MS,
		                             .memory = (size_t)16 << 20,
		                             .walls = CHILD_READS };
	struct err e;

	b->remembered = (struct statefile){ 0 };
	if (child_call(read_it, &b->medium.dir, &b->remembered, sizeof b->remembered, &limits, &e) <
	    0) {
		b->remembered = (struct statefile){ 0 };
		boot_degrade(b, "root: %s; which versions have run here is not known", e.text);
	}
	/* of no use here, and nothing to leave lying about */
	memset(b->remembered.seed, 0, sizeof b->remembered.seed);
}

int memory_check(const struct boot *b, const struct rootmanifest *m, struct err *e)
{
	uint64_t seen = statefile_version(&b->remembered, m->name);

	if (m->version >= seen)
		return 0;
	if (!b->settings.downgrade)
		return err_say(e,
		               "is signed, but its version %" PRIu64 " is older than %" PRIu64
		               " of %s, which has run here: not mounted; slate.downgrade=yes on "
		               "the kernel's command line allows it",
		               m->version, seen, m->name);
	boot_degrade(b, "root: image %s: version %" PRIu64 " is older than %" PRIu64
	                ", which has run here; slate.downgrade allows it",
	             m->image, m->version, seen);
	return 0;
}

void memory_note(const struct boot *b)
{
	char text[BOOT_IMAGES_MAX * 100];
	size_t used = 0;
	struct err e;

	text[0] = '\0';
	for (size_t i = 0; i < b->root.n; i++)
		if (b->root.images[i].verified)
			used += (size_t)snprintf(text + used, sizeof text - used, "%s=%" PRIu64 "\n",
			                         b->root.images[i].name, b->root.images[i].version);
	if (used && fd_write_file(AT_FDCWD, PATH_VERSIONS, text, used, &e) < 0)
		boot_degrade(b, "root: %s", e.text);
}

int64_t memory_clock_wanted(int64_t now, int64_t floor, int64_t built)
{
	if (floor <= now || (built && floor - built > CLOCK_TRUST_S))
		return 0;
	return floor;
}

int64_t memory_built(void)
{
	return SLATE_BUILT;
}

void memory_clock(const struct boot *b, int64_t floor, const char *what)
{
	int64_t now = (int64_t)time(NULL);
	int64_t wanted = memory_clock_wanted(now, floor, memory_built());
	const struct timespec to = { .tv_sec = (time_t)wanted };

	if (floor > now && !wanted)
		boot_say(b, REPORT_WARNING, "clock: %s says %" PRId64 ", which can't be; not taken",
		         what, floor);
	if (!wanted)
		return;
	if (clock_settime(CLOCK_REALTIME, &to) < 0)
		boot_say(b, REPORT_WARNING, "clock: set: %s", strerror(errno));
	else
		boot_say(b, REPORT_INFO, "clock: was %" PRId64 " s behind %s; set to that",
		         floor - now, what);
}
