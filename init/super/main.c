/* slate-init: supervises the services of a machine or a container, as PID 1. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/lsm.h"
#include "../base/paths.h"
#include "../base/relro.h"
#include "consoles.h"
#include "crash.h"
#include "manager.h"
#include "mounts.h"
#include "notify_socket.h"
#include "occasional.h"
#include "plan.h"
#include "signals.h"
#include "watches.h"

#define PID_NS_INIT 0xEFFFFFFCu /* inode of the first pid namespace: PROC_PID_INIT_INO */

static struct manager manager;

static bool is_in_container(void)
{
	struct stat st;

	/* in a pid namespace of its own the machine is somebody else's */
	if (stat("/proc/self/ns/pid", &st) == 0)
		return st.st_ino != PID_NS_INIT;
	return getenv("container") != NULL;
}

/* Descriptors 0 to 2 must be open, so that nothing else gets their numbers. */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void raise_limits(void)
{
	struct rlimit files;
	static const char protect[] = "-1000";
	struct err ignored;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	fd_write_file(AT_FDCWD, "/proc/self/oom_score_adj", protect, sizeof protect - 1, &ignored);
}

/* A container's manager that reads our messages from a pipe may stop reading. */
static void never_wait_for_reader(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* slate-boot has loaded a policy. */
static void take_label(const struct manager *m)
{
	struct err e;

	if (access(PATH_SELINUX, F_OK) == 0 && lsm_become_init(&e) < 0)
		report_say(&m->report, REPORT_ERROR, "SELinux: %s", e.text);
}

static void prepare(struct manager *m)
{
	m->started_us = clock_now_us();
	m->is_first = getpid() == 1;
	hold_standard_descriptors();
	umask(022);
	if (chdir("/") < 0)
		umask(022);
	setsid();
	setenv("PATH", PATH_SEARCH, 1);
	report_open(&m->report, "slate-init");
	if (m->is_first)
		mounts_make(&m->report);
	m->in_container = !m->is_first || is_in_container();
	if (m->in_container) {
		fd_drop(&m->report.kmsg);
		never_wait_for_reader(STDERR_FILENO);
	} else if (m->report.kmsg < 0)
		report_open(&m->report, "slate-init");
	if (m->is_first && !m->in_container)
		take_label(m);
	if (m->is_first)
		mounts_machine(&m->report, m->in_container);
	else
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	raise_limits();
}

/* Each of these failing is one thing less, told once; the machine still comes up. */
static void open_parts(struct manager *m)
{
	static int (*const parts[])(struct manager *m, struct err *e) = {
		signals_open, watches_open, notify_open, control_server_open,
	};
	struct err e;

	if (fd_mkdirs(AT_FDCWD, PATH_RUN, 0755, &e) < 0)
		report_say(&m->report, REPORT_ERROR, "%s", e.text);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i](m, &e) < 0)
			report_say(&m->report, REPORT_ERROR, "%s", e.text);
	if (cgroup_open(&m->cgroup, &e) < 0)
		report_say(&m->report, REPORT_WARNING,
		           "no control groups: %s; services are followed by process groups", e.text);
	shutdown_init(m);
	logs_open(m);
	m->root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	m->null = open("/dev/null", O_RDWR | O_NOCTTY | O_CLOEXEC);
	invocations_open(&m->invocations);
}

static void warn(void *ctx, const char *text)
{
	const struct manager *m = ctx;

	report_say(&m->report, REPORT_WARNING, "%s", text);
}

static void read_settings(struct manager *m)
{
	char text[4096];
	struct err e;
	struct settings_warn warning = { warn, m };
	ssize_t len;

	if (settings_running(&m->settings, &e) < 0)
		warn(m, e.text);
	if (access(PATH_SETTINGS, F_OK) == 0)
		return;
	len = m->in_container ? -1 : fd_read_file(AT_FDCWD, "/proc/cmdline", text, sizeof text, &e);
	if (len > 0)
		settings_apply(&m->settings, SETTINGS_CMDLINE, (struct span){ text, (size_t)len }, &warning);
}

/* Words that the kernel did not know are our arguments. */
static const char *goal_of(const struct manager *m, int argc, char **argv)
{
	static const char *const single[] = { "single", "s", "S", "1", "rescue" };

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--unit=", 7) == 0)
			return argv[i] + 7;
		if (strcmp(argv[i], "emergency") == 0)
			return "emergency.target";
		for (size_t k = 0; k < sizeof single / sizeof *single; k++)
			if (strcmp(argv[i], single[k]) == 0)
				return "rescue.target";
	}
	return m->settings.single || m->settings.failsafe ? "rescue.target" : "default.target";
}

static void choose_goals(struct manager *m, int argc, char **argv)
{
	char active[256];
	struct err e;
	ssize_t len = -1;
	const char *goal = goal_of(m, argc, argv);

	snprintf(m->goals[0], sizeof m->goals[0], "%s", goal);
	/* the rescue shell has the console to itself, and a container has none */
	if (!m->in_container && strcmp(goal, "default.target") == 0)
		len = fd_read_file(AT_FDCWD, "/sys/class/tty/console/active", active, sizeof active, &e);
	if (len > 0)
		consoles_units((struct span){ active, (size_t)len }, m->goals + 1,
		               MANAGER_GOALS_MAX - 1);
}

/* The goal can't be reached: what else lets somebody in. */
static void fall_back(struct manager *m, struct live *const *others, unsigned n)
{
	static const char *const targets[] = { "rescue.target", "emergency.target" };
	struct err e;

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		struct live *v = manager_find(m, targets[i], &e);

		if (v && plan_boot(m, &v, 1, &e) == 0) {
			report_say(&m->report, REPORT_ERROR, "starting %s instead", targets[i]);
			return;
		}
	}
	if (n > 0 && plan_boot(m, others, n, &e) < 0)
		report_say(&m->report, REPORT_ERROR, "%s", e.text);
}

static void start_goals(struct manager *m, int state)
{
	const char *names[MANAGER_GOALS_MAX + 1] = { NULL };
	struct live *goals[MANAGER_GOALS_MAX];
	struct err e;
	unsigned n = 0;

	for (unsigned i = 0; i < MANAGER_GOALS_MAX && m->goals[i][0]; i++)
		names[i] = m->goals[i];
	if (manager_load(m, names, &e) < 0) {
		report_say(&m->report, REPORT_ERROR, "units: %s", e.text);
		return;
	}
	for (unsigned i = 0; names[i]; i++)
		if ((goals[n] = manager_find(m, names[i], &e)))
			n++;
	if (state >= 0)
		crash_recover(m, state);
	if (n == 0 || plan_boot(m, goals, n, &e) < 0) {
		report_say(&m->report, REPORT_ERROR, "%s", e.text);
		fall_back(m, goals + 1, n ? n - 1 : 0);
	}
}

int main(int argc, char **argv)
{
	struct manager *m = &manager;
	struct err e;
	struct handed handed;

	relro_apply();
	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("slate-init %s\n", SLATE_VERSION);
		return 0;
	}
	crash_arguments(argc, argv, &handed);
	m->crashes = handed.crashes;
	prepare(m);
	while (loop_open(&m->loop, &e) < 0) {
		report_say(&m->report, REPORT_ERROR, "%s", e.text);
		sleep(1);
	}
	open_parts(m);
	crash_guard(m);
	read_settings(m);
	occasional_prepare(m);
	health_open(m, handed.watchdog);
	choose_goals(m, argc, argv);
	start_goals(m, handed.state);
	signals_reap(m);
	for (;;)
		manager_turn(m);
}
