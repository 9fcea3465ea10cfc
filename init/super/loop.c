#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"

int loop_open(struct loop *l, struct err *e)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	*l = (struct loop){ .epoll = -1, .timer = -1 };
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return err_sys(e, "epoll");
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer < 0)
		return err_sys(e, "timerfd");
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->timer, &ev) < 0)
		return err_sys(e, "epoll_ctl");
	return loop_reserve(l, 16, e);
}

void loop_close(struct loop *l)
{
	fd_drop(&l->epoll);
	fd_drop(&l->timer);
	free(l->heap);
	l->heap = NULL;
}

int loop_reserve(struct loop *l, size_t n, struct err *e)
{
	if (n <= l->room)
		return 0;

	struct deadline **heap = realloc(l->heap, n * sizeof *heap);

	if (!heap)
		return err_sys(e, "room for %zu deadlines", n);
	l->heap = heap;
	l->room = n;
	return 0;
}

int loop_add(struct loop *l, struct source *s)
{
	struct epoll_event ev = { .events = s->events, .data.ptr = s };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, s->fd, &ev);
}

int loop_change(struct loop *l, struct source *s)
{
	struct epoll_event ev = { .events = s->events, .data.ptr = s };

	return epoll_ctl(l->epoll, EPOLL_CTL_MOD, s->fd, &ev);
}

void loop_drop(struct loop *l, const struct source *s)
{
	epoll_ctl(l->epoll, EPOLL_CTL_DEL, s->fd, NULL);
	/* an event for it may wait in this turn's batch already */
	for (int i = l->next; i < l->got; i++)
		if (l->batch[i].data.ptr == s)
			l->batch[i].events = 0;
}

static void put(struct loop *l, size_t slot, struct deadline *d)
{
	l->heap[slot] = d;
	d->slot = slot;
}

static void sift_up(struct loop *l, size_t slot)
{
	struct deadline *d = l->heap[slot];

	while (slot > 0 && l->heap[(slot - 1) / 2]->when > d->when) {
		put(l, slot, l->heap[(slot - 1) / 2]);
		slot = (slot - 1) / 2;
	}
	put(l, slot, d);
}

static void sift_down(struct loop *l, size_t slot)
{
	struct deadline *d = l->heap[slot];

	for (;;) {
		size_t child = 2 * slot + 1;

		if (child >= l->armed)
			break;
		if (child + 1 < l->armed && l->heap[child + 1]->when < l->heap[child]->when)
			child++;
		if (l->heap[child]->when >= d->when)
			break;
		put(l, slot, l->heap[child]);
		slot = child;
	}
	put(l, slot, d);
}

void loop_disarm(struct loop *l, struct deadline *d)
{
	if (!d->when)
		return;

	size_t slot = d->slot;
	struct deadline *last = l->heap[--l->armed];

	d->when = 0;
	if (last == d)
		return;
	put(l, slot, last);
	sift_up(l, slot);
	sift_down(l, last->slot);
}

void loop_arm(struct loop *l, struct deadline *d, uint64_t when)
{
	loop_disarm(l, d);
	/* loop_reserve counts every deadline that exists, so there is room */
	if (!when || l->armed == l->room)
		return;
	d->when = when;
	put(l, l->armed++, d);
	sift_up(l, d->slot);
}

/* The timer is set only before sleeping, and only when the earliest deadline is
 * another one: a start that ends at once costs no system call for its timeout. */
static void set_timer(struct loop *l)
{
	uint64_t when = l->armed ? l->heap[0]->when : 0;
	struct itimerspec at = {
		.it_value = { (time_t)(when / 1000000), (long)(when % 1000000) * 1000 },
	};

	if (when == l->timer_set)
		return;
	timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &at, NULL);
	l->timer_set = when;
}

static int run_deadlines(struct loop *l)
{
	uint64_t now = l->armed ? clock_now_us() : 0;
	int ran = 0;

	/* those armed by a callback for now or earlier wait for the next turn's clock */
	for (size_t most = l->armed; most > 0 && l->armed && l->heap[0]->when <= now; most--) {
		struct deadline *d = l->heap[0];

		loop_disarm(l, d);
		d->passed(d);
		ran++;
	}
	return ran;
}

static int wait_ms(uint64_t limit_us)
{
	if (limit_us == UINT64_MAX)
		return -1;
	return limit_us / 1000 >= INT_MAX ? INT_MAX : (int)((limit_us + 999) / 1000);
}

int loop_turn(struct loop *l, uint64_t limit_us)
{
	int ran = 0;

	set_timer(l);
	l->next = 0;
	l->got = epoll_wait(l->epoll, l->batch, LOOP_BATCH, wait_ms(limit_us));
	if (l->got < 0) {
		l->got = 0;
		return errno == EINTR ? 0 : -1;
	}
	while (l->next < l->got) {
		struct epoll_event *ev = &l->batch[l->next++];
		struct source *s = ev->data.ptr;
		uint64_t expired;

		if (!s) {
			/* an expiry that set_timer did not see would wake the loop for ever */
			if (read(l->timer, &expired, sizeof expired) > 0)
				l->timer_set = 0;
			continue;
		}
		if (!ev->events)
			continue;
		s->ready(s, ev->events);
		ran++;
	}
	return ran + run_deadlines(l);
}
