#include "final.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/child.h"
#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "manager.h"

#define KILL_WAIT_MS 3000
#define UNMOUNT_MS 15000
#define SYNC_MS 20000
#define MOUNTS_MAX 512
#define ROUNDS 8 /* a mount below another, a loop device on a file of one: one round each */

/* --- Processes --- */

/* Waits until this process has no child. True: none is left. */
static bool wait_for_all(uint64_t deadline_ms)
{
	sigset_t chld;

	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);
		int left_ms = clock_left_ms(deadline_ms);
		struct timespec wait = { left_ms / 1000, left_ms % 1000 * 1000000L };

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (left_ms == 0)
			return false;
		sigtimedwait(&chld, NULL, &wait);
	}
}

void final_kill(struct manager *m)
{
	/* the log process ignores SIGTERM so that last words get in; its socket's end
	 * is its word to finish */
	fd_drop(&m->logs.socket);
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (wait_for_all(clock_now_ms() + KILL_WAIT_MS))
		return;
	kill(-1, SIGKILL);
	wait_for_all(clock_now_ms() + KILL_WAIT_MS);
}

/* --- File systems --- */

struct mounts {
	char *points[MOUNTS_MAX];
	size_t n;
	char text[256 * 1024];
};

/* The kernel writes a blank as \040. */
static void unescape(char *text)
{
	char *to = text;

	for (char *from = text; *from; from++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

static void read_mounts(struct mounts *m)
{
	struct err e;
	char *line, *rest;

	m->n = 0;
	if (fd_read_file(AT_FDCWD, "/proc/self/mounts", m->text, sizeof m->text, &e) < 0)
		return;
	for (line = strtok_r(m->text, "\n", &rest); line && m->n < MOUNTS_MAX;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *fields, *device = strtok_r(line, " ", &fields);
		char *point = device ? strtok_r(NULL, " ", &fields) : NULL;

		if (point) {
			unescape(point);
			m->points[m->n++] = point;
		}
	}
}

/* Kept to the end: the kernel's own, which the next rounds read and write. */
static bool is_api(const char *point)
{
	static const char *const names[] = { "/", "/proc", "/sys", "/dev" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(point, names[i]) == 0)
			return true;
	return false;
}

static size_t unmount_round(struct mounts *m)
{
	size_t gone = 0;

	read_mounts(m);
	/* the last mounted first */
	for (size_t i = m->n; i-- > 0;)
		if (!is_api(m->points[i]) && umount2(m->points[i], UMOUNT_NOFOLLOW) == 0)
			gone++;
	return gone;
}

/* A remount through the mount point would keep the old flags only if it repeated
 * them; the superblock alone is what must not be written any more. */
static void make_read_only(const char *point)
{
	struct {
		uint64_t set, clear, propagation, userns;
	} attr = { .set = 1 /* MOUNT_ATTR_RDONLY */ };

	if (mount(NULL, point, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
		syscall(SYS_mount_setattr, AT_FDCWD, point, 0u, &attr, sizeof attr);
}

static int unmount_all(void *arg, void *out, struct err *e)
{
	struct mounts *m = calloc(1, sizeof *m);

	(void)arg;
	(void)out;
	if (!m)
		return err_sys(e, "list of mounts");
	if (chdir("/") < 0)
		return err_sys(e, "enter /");
	sync();
	for (int round = 0; round < ROUNDS && unmount_round(m) > 0; round++)
		;
	read_mounts(m);
	for (size_t i = m->n; i-- > 0;)
		make_read_only(m->points[i]);
	free(m);
	return 0;
}

static int write_out(void *arg, void *out, struct err *e)
{
	(void)arg;
	(void)out;
	(void)e;
	sync();
	return 0;
}

void final_unmount(struct manager *m)
{
	struct child_limits limits = { .deadline_ms = clock_now_ms() + UNMOUNT_MS };
	struct err e;
	char none;

	if (child_call(unmount_all, NULL, &none, 0, &limits, &e) < 0)
		report_say(&m->report, REPORT_WARNING, "unmounting: %s", e.text);
	limits.deadline_ms = clock_now_ms() + SYNC_MS;
	if (child_call(write_out, NULL, &none, 0, &limits, &e) < 0)
		report_say(&m->report, REPORT_WARNING, "writing everything out: %s", e.text);
}

/* --- The kernel --- */

void final_reboot(struct manager *m, enum shutdown_kind kind)
{
	static const int commands[SHUTDOWN_KINDS] = {
		[SHUTDOWN_HALT] = (int)RB_HALT_SYSTEM,
		[SHUTDOWN_POWEROFF] = RB_POWER_OFF,
		[SHUTDOWN_REBOOT] = RB_AUTOBOOT,
		[SHUTDOWN_KEXEC] = RB_KEXEC,
		[SHUTDOWN_EXIT] = RB_POWER_OFF,
	};

	report_say(&m->report, REPORT_NOTICE, "%s", shutdown_kind_name(kind));
	health_end(m, kind);
	reboot(commands[kind]);
	/* no kernel was loaded for kexec: a plain restart is nearest */
	if (kind == SHUTDOWN_KEXEC)
		reboot(RB_AUTOBOOT);
}
