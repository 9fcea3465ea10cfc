#include "keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "background.h"
#include "copying.h"
#include "monitor.h"
#include "nbdkeeper.h"
#include "sysfs.h"
#include "toram.h"

enum { TELL_EACH_MS = 1000, ORDERLY_S = 60, RTMIN = 34 /* in glibc's count */ };

/* The boot goes first; later a machine that is always busy must not keep the copy from
 * ever being done. */
enum { BOOT_MS = 30000 };

/* --- The copy --- */

struct teller {
	const struct boot *b;
	uint64_t next_ms, boot_end_ms;
};

static void tell(void *ctx, uint64_t done, uint64_t whole)
{
	struct teller *t = ctx;

	(void)whole;
	if (clock_now_ms() < t->next_ms)
		return;
	t->next_ms = clock_now_ms() + TELL_EACH_MS;
	if (clock_left_ms(t->boot_end_ms) == 0)
		background_leave();
	toram_note(t->b, TORAM_COPYING, done);
}

/* Memory that runs out takes the copy first. */
static void be_the_first_victim(bool first)
{
	struct err ignored;

	fd_write_file(AT_FDCWD, "/proc/self/oom_score_adj", first ? "1000" : "0", first ? 4 : 1,
	              &ignored);
}

/* A save that writes the medium is let finish; a new one mounts it by itself. */
static void let_go(struct boot *b)
{
	FD_AUTO lock = open(PATH_SAVE_LOCK, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock >= 0)
		flock(lock, LOCK_EX);
	b->toram.held = true;
	toram_let_go(b);
}

static int copy(struct boot *b, struct err *e)
{
	struct teller teller = { .b = b, .boot_end_ms = clock_now_ms() + BOOT_MS };
	FD_AUTO medium = open(PATH_MEDIUM, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct copying c = { medium, &b->root, tell, &teller };
	int result;

	if (medium < 0)
		return err_sys(e, "open " PATH_MEDIUM);
	be_the_first_victim(true);
	result = copying_run(&c, e);
	be_the_first_victim(false);
	return result;
}

static void copy_and_let_go(struct boot *b)
{
	struct err e;

	prctl(PR_SET_NAME, TORAM_PROCESS);
	background_enter();
	toram_note(b, TORAM_COPYING, 0);

	int result = copy(b, &e);

	background_leave();
	if (result < 0) {
		boot_degrade(b, "toram: %s; the medium must stay plugged in", e.text);
		toram_note(b, TORAM_LOST, 0);
		return;
	}
	let_go(b);
}

/* --- The watch --- */

static bool is_gone(const struct boot *b)
{
	return sysfs_block_size(b->medium.plugged) == 0;
}

static void wait_until_gone(const struct boot *b, int monitor)
{
	struct pollfd in = { monitor, POLLIN, 0 };
	struct uevent event;
	struct err e;

	/* the events say when to look, /sys what is so */
	while (!is_gone(b)) {
		if (poll(&in, 1, -1) < 0 && errno != EINTR)
			return;
		while (monitor_read(monitor, &event, &e) == MONITOR_EVENT)
			if (event.action == UEVENT_REMOVE &&
			    strcmp(event.device, b->medium.plugged) == 0)
				return;
	}
}

static const struct {
	const char *text;
	int signal, command;
} policies[] = {
	[ONYANK_REBOOT] = { "the machine restarts", RTMIN + 5, RB_AUTOBOOT },
	[ONYANK_POWEROFF] = { "the machine is switched off", RTMIN + 4, RB_POWER_OFF },
};

/* An init that knows the signals ends its services first, as far as they can without
 * their files. From others nothing is known but that their root is gone. */
static void end_machine(int signal, int command)
{
	const struct timespec orderly = { .tv_sec = ORDERLY_S };

	if (access(PATH_CONTROL, F_OK) == 0 || access("/run/systemd/system", F_OK) == 0) {
		kill(1, signal);
		nanosleep(&orderly, NULL);
	}
	reboot(command);
}

static void follow_policy(const struct boot *b)
{
	int policy = b->settings.onyank;
	bool ends = policy == ONYANK_REBOOT || policy == ONYANK_POWEROFF;

	boot_degrade(b, "medium: %s was pulled out while the root is on it%s%s", b->medium.plugged,
	             ends ? "; " : "", ends ? policies[policy].text : "");
	boot_say(b, REPORT_ERROR, "the medium (%s) was pulled out%s%s", b->medium.plugged,
	         ends ? "; slate.onyank=: " : "", ends ? policies[policy].text : "");
	if (ends)
		end_machine(policies[policy].signal, policies[policy].command);
}

static bool watches(const struct boot *b)
{
	return b->settings.onyank > ONYANK_IGNORE && b->medium.plugged[0] && !b->toram.held;
}

static void watch(struct boot *b)
{
	struct err e;
	FD_AUTO monitor = monitor_open(&e);

	prctl(PR_SET_NAME, "slate-onyank");
	if (monitor < 0) {
		boot_degrade(b, "slate.onyank=: %s; nobody watches over the medium", e.text);
		return;
	}
	wait_until_gone(b, monitor);
	follow_policy(b);
}

/* --- The process --- */

/* What slate-boot had open would hold the medium. */
static void become_alone(struct boot *b)
{
	syscall(SYS_close_range, 3u, ~0u, 0u);
	b->medium.dir = b->root.dir = b->sysroot = b->monitor = -1;

	FD_AUTO null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int to = 0; to <= 2 && null >= 0; to++)
		dup2(null, to);
	report_open(&b->report, b->report.name);
	setsid();
	if (chdir("/") < 0)
		boot_say(b, REPORT_WARNING, "enter /: %s", strerror(errno));
}

static bool has_work(const struct boot *b)
{
	return b->toram.mode == TORAM_LAZY || watches(b);
}

static void work(struct boot *b)
{
	if (b->toram.mode == TORAM_LAZY)
		copy_and_let_go(b);
	if (watches(b))
		watch(b);
}

static const struct {
	const char *name;
	bool (*is_wanted)(const struct boot *b);
	void (*run)(struct boot *b);
} jobs[] = {
	{ "toram=, slate.onyank=", has_work, work },
	{ "root=nbd:", nbdkeeper_is_wanted, nbdkeeper_run },
};

void keeper_start(struct boot *b)
{
	for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
		pid_t pid = jobs[i].is_wanted(b) ? fork() : 1;

		if (pid < 0)
			boot_degrade(b, "%s: fork: %s; nobody looks after it", jobs[i].name,
			             strerror(errno));
		if (pid != 0)
			continue;

		become_alone(b);
		jobs[i].run(b);
		_exit(0);
	}
}
