#include "watchman.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"

enum { LOOK_MS = 1000, STACK = 64 * 1024 };

/* What the thread needs; it touches nothing else of the boot. */
static struct {
	int status; /* of the thread that boots */
	pthread_mutex_t lock;
	const struct watchdog *dog; /* under the lock; NULL: no more feeding */
} post = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void set_dog(const struct watchdog *dog)
{
	pthread_mutex_lock(&post.lock);
	post.dog = dog;
	pthread_mutex_unlock(&post.lock);
}

/* False: the boot has taken it away. */
static bool feed(bool healthy)
{
	bool on;

	pthread_mutex_lock(&post.lock);
	on = post.dog;
	if (on && healthy)
		watchdog_feed(post.dog);
	pthread_mutex_unlock(&post.lock);
	return on;
}

static bool value_of(struct span line, const char *name, struct span *value)
{
	struct span key;

	span_cut(line, ':', &key, value);
	*value = value->at ? span_trim(*value) : *value;
	return span_is(key, name) && value->at && value->len > 0;
}

bool watchman_decode(struct span status, struct watchman_look *look)
{
	struct span line, value;
	bool has_waits = false;

	*look = (struct watchman_look){ 0 };
	while (span_line(&status, &line)) {
		if (value_of(line, "State", &value))
			look->state = value.at[0];
		else if (value_of(line, "voluntary_ctxt_switches", &value))
			has_waits = span_uint(value, UINT64_MAX, &look->waits);
	}
	return look->state && has_waits;
}

bool watchman_is_stuck(const struct watchman_look *before, const struct watchman_look *now)
{
	return now->state != 'S' && now->waits == before->waits;
}

static bool look(struct watchman_look *to)
{
	char text[4096];
	ssize_t len = pread(post.status, text, sizeof text, 0);

	return len > 0 && watchman_decode((struct span){ text, (size_t)len }, to);
}

static void *watch(void *unused)
{
	struct watchman_look before = { 0 }, now;
	uint64_t at_work_ms = 0; /* since when, without getting on; 0: it gets on */
	const struct timespec pause = { LOOK_MS / 1000, LOOK_MS % 1000 * 1000000L };
	bool seen;

	(void)unused;
	do {
		uint64_t now_ms = clock_now_ms();

		seen = look(&now);
		if (!seen || !watchman_is_stuck(&before, &now))
			at_work_ms = 0;
		else if (!at_work_ms)
			at_work_ms = now_ms;
		before = now;
		nanosleep(&pause, NULL);
		/* without a look there is no telling: the watchdog decides */
	} while (feed(seen && (!at_work_ms || clock_now_ms() - at_work_ms < WATCHMAN_STUCK_S * 1000)));
	return NULL;
}

static int start_thread(struct boot *b, struct err *e)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	char path[64];

	snprintf(path, sizeof path, "/proc/self/task/%d/status", (int)getpid());
	post.status = open(path, O_RDONLY | O_CLOEXEC);
	if (post.status < 0)
		return err_sys(e, "open %s", path);
	set_dog(&b->watchdog);
	/* signals are for the thread that boots */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	errno = pthread_create(&thread, &attr, watch, NULL);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (errno != 0) {
		fd_drop(&post.status);
		return err_sys(e, "thread");
	}
	return 0;
}

void watchman_start(struct boot *b)
{
	uint64_t wanted_s = b->settings.watchdog_s;
	struct err e;

	if (wanted_s == 0 || b->watchdog.fd >= 0)
		return;
	if (wanted_s < WATCHDOG_LEAST_S)
		wanted_s = WATCHDOG_LEAST_S;

	int result = watchdog_open(&b->watchdog, WATCHDOG_DEVICE, (unsigned)wanted_s, &e);

	if (result < 0)
		boot_degrade(b, "watchdog: %s", e.text);
	if (result <= 0)
		return;
	if (b->watchdog.has_fired)
		boot_degrade(b, "watchdog: %s restarted this machine, which had hung", b->watchdog.name);
	if (start_thread(b, &e) < 0) {
		boot_degrade(b, "watchdog: %s; it is not used", e.text);
		watchdog_disarm(&b->watchdog, &e);
		return;
	}
	boot_say(b, REPORT_INFO, "watchdog: %s restarts a machine that hangs for %u s",
	         b->watchdog.name, b->watchdog.timeout_s);
}

int watchman_hand_over(struct boot *b, bool takes_over)
{
	struct err e;

	if (b->watchdog.fd < 0)
		return -1;
	if (takes_over && fcntl(b->watchdog.fd, F_SETFD, 0) == 0) {
		watchdog_feed(&b->watchdog);
		return b->watchdog.fd;
	}
	watchman_stop();
	if (watchdog_disarm(&b->watchdog, &e) < 0)
		boot_degrade(b, "watchdog: %s; where this init does not feed it, it restarts the machine",
		             e.text);
	return -1;
}

void watchman_stop(void)
{
	set_dog(NULL);
}
