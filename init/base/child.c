#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "confine.h"
#include "fd.h"

enum { KILL_MS = 1000 };

struct reply {
	int result;
	struct err e;
	char out[CHILD_OUT_MAX];
};

const char *child_describe(int status)
{
	static char text[64];

	if (WIFEXITED(status))
		snprintf(text, sizeof text, "exited with status %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "killed by signal %d (%s)", WTERMSIG(status),
		         strsignal(WTERMSIG(status)));
	else
		snprintf(text, sizeof text, "ended with status 0x%x", (unsigned)status);
	return text;
}

static int reap(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return 0;
}

static int poll_exit(int pidfd, int wait_ms)
{
	struct pollfd wait = { pidfd, POLLIN, 0 };
	int n;

	do
		n = poll(&wait, 1, wait_ms);
	while (n < 0 && errno == EINTR);
	return n;
}

int child_wait(pid_t pid, uint64_t deadline_ms, int *status, struct err *e)
{
	FD_AUTO pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (pidfd < 0) {
		err_sys(e, "pidfd_open %d", (int)pid);
		/* it must not go on with work that the caller takes for failed */
		if (e->code != ESRCH)
			kill(pid, SIGKILL);
		return -1;
	}

	int n = poll_exit(pidfd, deadline_ms ? clock_left_ms(deadline_ms) : -1);

	if (n == 0) {
		kill(pid, SIGKILL);
		/* one that waits for a dead disk ends when the disk answers, and is reaped
		 * with all others; the caller does not wait that long */
		if (poll_exit(pidfd, KILL_MS) == 0)
			return err_say(e, "ran out of time, and still waits for a device");
	}
	if (reap(pid, status) < 0)
		return err_sys(e, "wait for %d", (int)pid);
	return n == 0 ? err_say(e, "ran out of time") : 0;
}

#ifdef __SANITIZE_ADDRESS__
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

static void limit(const struct child_limits *limits)
{
	struct rlimit data = { limits->memory, limits->memory };
	struct rlimit none = { 0, 0 };

	/* AddressSanitizer's shadow memory alone is terabytes */
	if (limits->memory && !IS_SANITIZED)
		setrlimit(RLIMIT_DATA, &data);
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Reads until the child closes its end or the deadline passes; returns bytes. */
static size_t collect(int fd, void *buf, size_t size, uint64_t deadline_ms)
{
	size_t got = 0;

	while (got < size) {
		struct pollfd in = { fd, POLLIN, 0 };
		int n = poll(&in, 1, deadline_ms ? clock_left_ms(deadline_ms) : -1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;

		ssize_t len = read(fd, (char *)buf + got, size - got);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		got += (size_t)len;
	}
	return got;
}

pid_t child_start(void (*run)(void *arg, int to), void *arg, int *from, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "pipe");

	FD_AUTO mine = ends[0];
	FD_AUTO its = ends[1];
	pid_t pid = fork();

	if (pid < 0)
		return err_sys(e, "fork");
	if (pid == 0) {
		run(arg, its);
		_exit(127);
	}
	*from = fd_take(&mine);
	return pid;
}

struct call {
	int (*work)(void *arg, void *out, struct err *e);
	void *arg;
	size_t size; /* of out */
	const struct child_limits *limits;
};

static void run_call(void *arg, int to)
{
	const struct call *call = arg;
	struct reply reply = { 0 };
	size_t len = offsetof(struct reply, out) + call->size;

	limit(call->limits);
	if (call->limits->walls == CHILD_READS)
		confine_reader();
	else if (call->limits->walls == CHILD_WRITES)
		confine_writer(call->limits->tree);
	reply.result = call->work(call->arg, reply.out, &reply.e);
	_exit(fd_write_full(to, &reply, len) < 0);
}

int child_call(int (*work)(void *arg, void *out, struct err *e), void *arg, void *out, size_t size,
               const struct child_limits *limits, struct err *e)
{
	struct call call = { work, arg, size, limits };
	struct reply reply = { 0 };
	FD_AUTO from = -1;
	int status;

	if (size > sizeof reply.out)
		return err_say(e, "child: %zu bytes of result are too many", size);

	pid_t pid = child_start(run_call, &call, &from, e);

	if (pid < 0)
		return -1;

	size_t want = offsetof(struct reply, out) + size;
	size_t got = collect(from, &reply, want, limits->deadline_ms);

	if (child_wait(pid, limits->deadline_ms, &status, e) < 0)
		return -1;
	if (WIFSIGNALED(status))
		return err_say(e, "crashed (%s)", strsignal(WTERMSIG(status)));
	if (got != want)
		return err_say(e, "ended without a result: %s", child_describe(status));
	if (reply.result < 0) {
		*e = reply.e;
		return -1;
	}
	memcpy(out, reply.out, size);
	return reply.result;
}
