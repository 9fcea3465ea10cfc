/* loop: waits for descriptors and deadlines and calls their owners back.
 *
 * Nothing is allocated while it runs: a source lives inside the thing it
 * serves, a deadline too, and the heap of deadlines has the room that
 * loop_reserve gave it when the units were loaded. All times are microseconds
 * of CLOCK_MONOTONIC.  */
#ifndef SUPER_LOOP_H
#define SUPER_LOOP_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "../base/err.h"

#define LOOP_BATCH 16

struct source {
	int fd;          /* borrowed */
	uint32_t events; /* EPOLLIN, EPOLLOUT, … */
	void (*ready)(struct source *self, uint32_t events);
};

struct deadline {
	uint64_t when; /* 0: not armed */
	size_t slot;   /* its place in the heap, while armed */
	void (*passed)(struct deadline *self);
};

struct loop {
	int epoll; /* owned */
	int timer; /* owned timerfd */
	uint64_t timer_set;
	struct deadline **heap; /* owned; the earliest first */
	size_t armed, room;
	struct epoll_event batch[LOOP_BATCH];
	int next, got; /* what of the batch is still to be handed out */
};

int loop_open(struct loop *l, struct err *e);
void loop_close(struct loop *l);

/* Room for `n` deadlines at once. -1 with *e: no memory, what there was is kept. */
int loop_reserve(struct loop *l, size_t n, struct err *e);

int loop_add(struct loop *l, struct source *s);          /* -1 with errno */
int loop_change(struct loop *l, struct source *s);       /* after s->events changed; -1 with errno */
void loop_drop(struct loop *l, const struct source *s);  /* before its fd is closed; also from a callback */

/* Arms `d` for `when`, in place of an earlier time. `when` 0 disarms. */
void loop_arm(struct loop *l, struct deadline *d, uint64_t when);
void loop_disarm(struct loop *l, struct deadline *d);

/* One turn: sleeps until something happens or `limit_us` has passed (UINT64_MAX:
 * no limit) and runs the callbacks. Returns how many ran, or -1 with errno;
 * EINTR counts as 0. */
int loop_turn(struct loop *l, uint64_t limit_us);

/* The struct around a source or a deadline, as its callback needs it. */
#define loop_owner(s, type, member) ((type *)(void *)((char *)(s) - offsetof(type, member)))

#endif
