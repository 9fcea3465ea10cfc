#include "nbdkeeper.h"

#include <inttypes.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/fetcher.h"
#include "nbdlink.h"

/* A server that is merely slow must answer in the first time. The second, some 11 days,
 * is one that fits the kernel's count on 32 bits, too. */
enum { REQUEST_S = 30, DEAD_S = 1000000, TRY_MS = 20000 };

bool nbdkeeper_is_wanted(const struct boot *b)
{
	return b->nbd.size > 0;
}

/* Of another size it is another image: its blocks under a mounted file system would be
 * worse than none. */
static int connect_again(void *arg, void *out, struct err *e)
{
	const struct boot *b = arg;
	struct nbd_export x;
	FD_AUTO fd = nbd_dial(&b->nbd.place, &x, e);

	(void)out;
	if (fd < 0)
		return -1;
	if (x.size != b->nbd.size)
		return err_say(e, "the export has %" PRIu64 " bytes now, and %" PRIu64 " of them are in use",
		               x.size, b->nbd.size);
	return nbdlink_replace(fd, e);
}

static int try_once(struct boot *b, struct err *e)
{
	const struct child_limits limits = { .deadline_ms = clock_now_ms() + TRY_MS };
	char none = 0;

	return child_call(connect_again, b, &none, sizeof none, &limits, e);
}

/* Where the old connection lives, the kernel has no use for the new one. */
static void insist(struct boot *b, bool tells)
{
	uint64_t start_ms = clock_now_ms();
	struct err e;

	for (unsigned failures = 1; try_once(b, &e) < 0; failures++) {
		const struct timespec pause = { .tv_sec = fetcher_pause_s(failures - 1) };

		boot_say(b, REPORT_ERROR, "nbd: %s; what reads the root waits; trying again in %u s",
		         e.text, (unsigned)pause.tv_sec);
		nanosleep(&pause, NULL);
		tells = true;
	}
	if (tells)
		boot_say(b, REPORT_ERROR, "nbd: connected to %s:%s again after %" PRIu64 " s",
		         b->nbd.place.address, b->nbd.place.port,
		         (clock_now_ms() - start_ms + 999) / 1000);
}

void nbdkeeper_run(struct boot *b)
{
	struct err e;
	FD_AUTO events = nbdlink_listen(&e);

	prctl(PR_SET_NAME, "slate-nbd");
	if (events < 0 || nbdlink_be_patient(REQUEST_S, DEAD_S, &e) < 0) {
		boot_degrade(b, "nbd: %s; when the server goes away, reads fail", e.text);
		return;
	}
	mlockall(MCL_CURRENT | MCL_FUTURE);
	/* it may have died while nobody listened */
	insist(b, false);
	while (nbdlink_wait_dead(events, &e) == 0)
		insist(b, true);
	boot_degrade(b, "nbd: %s; when the server goes away, nobody connects again", e.text);
}
