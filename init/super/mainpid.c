#include "mainpid.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/span.h"
#include "act.h"
#include "manager.h"

static pid_t parent_of(pid_t pid)
{
	char path[64], text[512];
	struct err e;
	int parent;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	if (fd_read_file(AT_FDCWD, path, text, sizeof text, &e) < 0)
		return -1;

	/* the name in brackets may hold anything, brackets too */
	const char *after = strrchr(text, ')');

	return after && sscanf(after, ") %*c %d", &parent) == 1 ? parent : -1;
}

/* A main process that is somebody else's child is watched through a pidfd: its
 * status is its parent's to know, that it ended is enough. */
static void main_gone(struct source *self, uint32_t events)
{
	struct live *v = loop_owner(self, struct live, main_pidfd);
	siginfo_t info = { 0 };
	int status = 0;

	(void)events;
	if (waitid(P_PIDFD, (id_t)self->fd, &info, WEXITED | WNOHANG) == 0 && info.si_pid)
		status = info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
	mainpid_drop(v);
	act_main_ended(v, status);
}

void mainpid_drop(struct live *v)
{
	if (v->main_pidfd.fd < 0)
		return;
	loop_drop(&v->manager->loop, &v->main_pidfd);
	fd_drop(&v->main_pidfd.fd);
}

static bool watch(struct live *v, pid_t pid)
{
	FD_AUTO fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd < 0)
		return false;
	mainpid_drop(v);
	v->main_pidfd = (struct source){ fd, EPOLLIN, main_gone };
	if (loop_add(&v->manager->loop, &v->main_pidfd) < 0) {
		v->main_pidfd.fd = -1;
		return false;
	}
	fd_take(&fd);
	return true;
}

bool mainpid_set(struct live *v, pid_t pid, bool trusted)
{
	char unit[UNIT_NAME_SIZE];

	if (pid <= 1 || pid == getpid() || kill(pid, 0) < 0)
		return false;
	if (pid == v->main_pid)
		return true;
	if (v->manager->cgroup.root >= 0 && !trusted &&
	    (!cgroup_unit_of(pid, unit, sizeof unit) || strcmp(unit, v->unit->name) != 0))
		return false;
	if (parent_of(pid) == getpid()) {
		/* pidfd is not needed: our own child's number is ours until it is reaped */
		mainpid_drop(v);
	} else if (!watch(v, pid)) {
		return false;
	}
	v->main_pid = pid;
	return true;
}

/* --- Guessing: the one process of the unit that has lost its parent --- */

struct guess {
	pid_t found;
	int orphans;
};

static void consider(void *ctx, pid_t pid)
{
	struct guess *g = ctx;

	if (parent_of(pid) != getpid())
		return;
	g->found = pid;
	g->orphans++;
}

static bool guess_main(struct live *v)
{
	struct guess g = { 0 };

	if (!v->unit->service->guess_main_pid)
		return false;
	cgroup_each(&v->manager->cgroup, v->unit, consider, &g);
	return g.orphans == 1 && mainpid_set(v, g.found, false);
}

/* --- PIDFile= --- */

static bool read_pid_file(struct live *v)
{
	const char *path = v->unit->service->pid_file;
	FD_AUTO fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[32];
	struct stat st;
	uint64_t pid;
	ssize_t len = fd < 0 ? -1 : fd_read_full(fd, text, sizeof text);

	if (len <= 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!span_uint(span_trim((struct span){ text, (size_t)len }), INT32_MAX, &pid))
		return false;
	/* a file that the service's user may write can name any process: it counts only
	 * inside the unit */
	return mainpid_set(v, (pid_t)pid, st.st_uid == 0 && !(st.st_mode & 022));
}

/* The directory may come later, too: then the one above it is watched. */
static void watch_pid_file(struct live *v)
{
	char dir[512];
	char *slash;

	if (v->pid_file_watch >= 0)
		inotify_rm_watch(v->manager->inotify.fd, v->pid_file_watch);
	v->pid_file_watch = -1;
	snprintf(dir, sizeof dir, "%s", v->unit->service->pid_file);
	while ((slash = strrchr(dir, '/')) && slash != dir && v->pid_file_watch < 0) {
		*slash = '\0';
		v->pid_file_watch = inotify_add_watch(v->manager->inotify.fd, dir,
		                                      IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO);
	}
}

bool mainpid_find(struct live *v)
{
	if (!v->unit->service->pid_file) {
		guess_main(v);
		return true;
	}
	if (read_pid_file(v))
		return true;
	watch_pid_file(v);
	/* it may have come between the look and the watch */
	return read_pid_file(v);
}
