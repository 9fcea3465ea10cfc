#include "toram.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/meminfo.h"
#include "../base/paths.h"
#include "console.h"
#include "copying.h"
#include "findiso.h"
#include "netroot.h"
#include "stage.h"

enum {
	SHOW_AFTER_MS = 500,
	TELL_EACH_MS = 100,
	STALL_MS = 60000, /* a medium that gives nothing for so long */
	END_MS = 2000,
	BAR = 20,
};

#define RESERVE    ((uint64_t)32 << 20) /* left to the machine whatever is asked for */
#define AUTO_FULL  ((uint64_t)64 << 20) /* copied in the time of a few drivers */
#define MUST_STAY  "the medium must stay plugged in"

int toram_choose(int asked, uint64_t whole, uint64_t available, enum setting_toram *mode,
                 struct err *e)
{
	*mode = TORAM_NO;
	switch (asked) {
	case TORAM_AUTO:
		/* half of what is free is for the overlay and the programs */
		if (whole <= available / 2)
			*mode = whole <= AUTO_FULL ? TORAM_FULL : TORAM_LAZY;
		return 0;
	case TORAM_LAZY:
	case TORAM_FULL:
		if (whole + RESERVE > available)
			return err_say(e,
			               "%" PRIu64 " MiB of images and %" PRIu64
			               " MiB for the machine do not fit into %" PRIu64
			               " MiB of free memory; " MUST_STAY,
			               whole >> 20, RESERVE >> 20, available >> 20);
		*mode = (enum setting_toram)asked;
		return 0;
	default:
		return 0;
	}
}

void toram_draw(char *text, size_t size, uint64_t done, uint64_t whole, uint64_t elapsed_ms)
{
	char bar[BAR + 1];
	uint64_t speed = elapsed_ms ? done * 1000 / elapsed_ms : 0; /* bytes a second */
	uint64_t filled = whole ? done * BAR / whole : BAR;

	for (uint64_t i = 0; i < BAR; i++)
		bar[i] = i < filled ? '#' : '.';
	bar[BAR] = '\0';
	snprintf(text, size,
	         "toram: [%s] %" PRIu64 "%% of %" PRIu64 " MiB, %" PRIu64 ".%" PRIu64
	         " MiB/s, %" PRIu64 " s left",
	         bar, whole ? done * 100 / whole : 100, whole >> 20, speed >> 20,
	         (speed & 0xfffff) * 10 >> 20, speed ? (whole - done + speed - 1) / speed : 0);
}

/* --- What the copying process tells --- */

struct message {
	bool ended;
	int result;
	uint64_t done, whole;
	struct err e; /* of the result */
};

struct teller {
	int to;
	uint64_t next_ms;
};

static void tell(void *ctx, uint64_t done, uint64_t whole)
{
	struct teller *t = ctx;
	const struct message m = { .done = done, .whole = whole };

	if (clock_now_ms() < t->next_ms)
		return;
	t->next_ms = clock_now_ms() + TELL_EACH_MS;
	fd_write_full(t->to, &m, sizeof m);
}

static void copy(void *arg, int to)
{
	const struct boot *b = arg;
	struct teller teller = { .to = to };
	const struct copying c = { b->medium.dir, &b->root, tell, &teller };
	struct message m = { .ended = true };

	m.result = copying_run(&c, &m.e);
	_exit(fd_write_full(to, &m, sizeof m) < 0);
}

/* --- What a person sees of it --- */

struct view {
	struct countdown countdown;
	uint64_t start_ms, deadline_ms;
	char text[160];
};

/* 1: it has ended well; 0: it goes on; -1 with *e. */
static int hear(struct view *v, int from, struct err *e)
{
	struct message m;
	ssize_t len = read(from, &m, sizeof m);

	if (len < 0 && errno == EINTR)
		return 0;
	if (len != (ssize_t)sizeof m)
		return err_say(e, "the copying process crashed");
	if (m.ended) {
		*e = m.e;
		return m.result < 0 ? -1 : 1;
	}
	v->deadline_ms = clock_now_ms() + STALL_MS;
	toram_draw(v->text, sizeof v->text, m.done, m.whole, clock_now_ms() - v->start_ms);
	return 0;
}

static int watch(struct view *v, int from, struct err *e)
{
	int result = 0;

	while (result == 0) {
		struct pollfd in[] = { { from, POLLIN, 0 }, { -1, POLLIN, 0 } };

		countdown_step(&v->countdown, &in[1].fd);
		if (poll(in, 2, countdown_next_ms(&v->countdown, v->deadline_ms)) < 0 &&
		    errno != EINTR)
			return err_sys(e, "poll");
		if (in[1].revents && countdown_key(&v->countdown))
			return err_say(e, "a key ended the copying");
		if (in[0].revents)
			result = hear(v, from, e);
		else if (clock_left_ms(v->deadline_ms) == 0)
			return err_say(e, "the medium gave nothing for %d s", STALL_MS / 1000);
	}
	return result;
}

static int copy_now(struct boot *b, struct err *e)
{
	struct view v = { .start_ms = clock_now_ms() };
	FD_AUTO from = -1;
	pid_t pid = child_start(copy, b, &from, e);
	struct err waiting;
	int status;

	if (pid < 0)
		return -1;
	v.deadline_ms = v.start_ms + STALL_MS;
	toram_draw(v.text, sizeof v.text, 0, b->toram.whole, 0);
	countdown_start(&v.countdown, v.start_ms + SHOW_AFTER_MS, COUNTDOWN_NEVER, v.text,
	                "goes on from the medium");

	int result = watch(&v, from, e);

	countdown_end(&v.countdown);
	if (result < 0)
		kill(pid, SIGKILL);
	child_wait(pid, clock_now_ms() + END_MS, &status, &waiting);
	if (result < 0)
		return err_wrap(e, MUST_STAY);

	uint64_t took_ms = clock_now_ms() - v.start_ms + 1;

	b->toram.held = true;
	boot_say(b, REPORT_INFO, "toram: %" PRIu64 " MiB copied in %" PRIu64 " ms, %" PRIu64 " MiB/s",
	         b->toram.whole >> 20, took_ms, b->toram.whole * 1000 / took_ms >> 20);
	return 0;
}

/* --- The stage --- */

static bool is_of_images(const struct boot *b)
{
	for (size_t i = 0; i < b->root.n; i++)
		if (!b->root.images[i].loop[0])
			return false;
	return b->root.n > 0;
}

int toram_run(struct boot *b, struct err *e)
{
	int asked = b->settings.toram;
	struct meminfo memory;

	b->toram = (struct toram){ .mode = TORAM_NO };
	/* over the network it came to memory */
	if (asked <= TORAM_NO || netroot_is_wanted(b))
		return STAGE_WAS_SKIPPED;
	if (!is_of_images(b)) {
		if (asked == TORAM_AUTO)
			return STAGE_WAS_SKIPPED;
		return err_say(e, "the root is the file system of %s itself and no image that could "
		                  "be copied; " MUST_STAY,
		               b->medium.device);
	}
	for (size_t i = 0; i < b->root.n; i++)
		b->toram.whole += b->root.images[i].size;
	if (meminfo_read(&memory, e) < 0 ||
	    toram_choose(asked, b->toram.whole, memory.available, &b->toram.mode, e) < 0)
		return -1;
	if (b->toram.mode == TORAM_NO) {
		boot_say(b, REPORT_NOTICE, "toram=auto: %" PRIu64 " MiB of images are too many; " MUST_STAY,
		         b->toram.whole >> 20);
		return STAGE_WAS_SKIPPED;
	}
	if (b->toram.mode == TORAM_FULL && copy_now(b, e) < 0) {
		b->toram.mode = TORAM_NO;
		toram_note(b, TORAM_LOST, 0);
		return -1;
	}
	return 0;
}

void toram_note(const struct boot *b, enum toram_state state, uint64_t done)
{
	const struct medium *m = &b->medium;
	struct toramfile t = { .state = state, .done = done, .whole = b->toram.whole, .pid = getpid() };
	struct err e;

	snprintf(t.device, sizeof t.device, "/dev/%s", m->device);
	snprintf(t.label, sizeof t.label, "%.63s", m->found.label);
	snprintf(t.uuid, sizeof t.uuid, "%s", m->found.uuid);
	snprintf(t.fstype, sizeof t.fstype, "%s", m->found.fstype);
	snprintf(t.options, sizeof t.options, "%s", m->options);
	if (toramfile_write(PATH_TORAM, &t, &e) < 0)
		boot_degrade(b, "toram: %s", e.text);
}

void toram_let_go(struct boot *b)
{
	static const char *const points[] = { PATH_MEDIUM, PATH_CARRIER };

	if (!b->toram.held)
		return;
	fd_drop(&b->medium.dir);
	for (size_t i = 0; i < sizeof points / sizeof *points; i++)
		if (umount2(points[i], 0) < 0 && errno == EBUSY)
			umount2(points[i], MNT_DETACH);
	toram_note(b, TORAM_HELD, b->toram.whole);
	/* also where only errors are shown: somebody may be waiting for it */
	boot_say(b, REPORT_ERROR, "toram: %" PRIu64 " MiB are in memory; the medium (%s%s%s) may be removed",
	         b->toram.whole >> 20, b->medium.plugged, b->medium.found.label[0] ? ", LABEL=" : "",
	         b->medium.found.label);
}
