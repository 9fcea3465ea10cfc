#include "logs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "logger.h"
#include "manager.h"

#define HAND_OVER_US 30000 /* lines and pipes of this long go over together */

/* A line that waits, followed by its text without a NUL. */
struct waiting {
	int64_t time_us;
	uint16_t index;
	uint16_t len;
};

static void hand_over(struct deadline *d)
{
	logs_flush(loop_owner(d, struct manager, logs.hand_over));
}

void logs_open(struct manager *m)
{
	struct err e;

	m->logs.dir = m->logs.socket = -1;
	m->logs.hand_over.passed = hand_over;
	if (fd_mkdirs(AT_FDCWD, PATH_LOG, 0755, &e) == 0)
		m->logs.dir = open(PATH_LOG, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (m->logs.dir < 0)
		report_say(&m->report, REPORT_WARNING, "no logs: %s: %s", PATH_LOG, strerror(errno));
}

static void soon(struct manager *m)
{
	if (!m->logs.hand_over.when)
		loop_arm(&m->loop, &m->logs.hand_over, clock_now_us() + HAND_OVER_US);
}

int logs_output(struct manager *m, struct live *v)
{
	int ends[2];

	if (v->log_write >= 0)
		return v->log_write;
	if (m->logs.dir < 0) {
		errno = ENOENT;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	v->log_read = ends[0];
	v->log_write = ends[1];
	v->log_handed = false;
	soon(m);
	return v->log_write;
}

void logs_say(struct manager *m, struct live *v, const char *fmt, ...)
{
	char text[LOG_LINE_MAX];
	struct waiting w = { 0 };
	struct timespec t;
	va_list ap;

	va_start(ap, fmt);
	int len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);

	w.len = (uint16_t)(len < (int)sizeof text ? len : (int)sizeof text - 1);
	w.index = (uint16_t)v->index;
	clock_gettime(CLOCK_REALTIME, &t);
	w.time_us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
	if (m->logs.queued + sizeof w + w.len > sizeof m->logs.queue)
		logs_flush(m);
	if (m->logs.queued + sizeof w + w.len > sizeof m->logs.queue) {
		m->logs.lost++;
		return;
	}
	memcpy(m->logs.queue + m->logs.queued, &w, sizeof w);
	memcpy(m->logs.queue + m->logs.queued + sizeof w, text, w.len);
	m->logs.queued += sizeof w + w.len;
	soon(m);
}

/* --- The log process --- */

static _Noreturn void run_logger(int socket, int dir)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2 };
	sigset_t none;

	/* its descriptors 3 and 4 are all it keeps; the standard ones are /dev/null or
	 * the console */
	int s = fcntl(socket, F_DUPFD_CLOEXEC, 64), d = fcntl(dir, F_DUPFD_CLOEXEC, 64);

	dup3(s, 3, O_CLOEXEC);
	dup3(d, 4, O_CLOEXEC);
	syscall(SYS_close_range, 5u, ~0u, 0u);
	prctl(PR_SET_NAME, "slate-log");
	setsid();
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	_exit(logger_run(3, 4));
}

static void start_logger(struct manager *m)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return;

	FD_AUTO ours = ends[0];
	FD_AUTO theirs = ends[1];
	pid_t pid = fork();

	if (pid == 0)
		run_logger(theirs, m->logs.dir);
	if (pid < 0)
		return;
	m->logs.pid = pid;
	m->logs.socket = fd_take(&ours);
	m->logs.begun_us = clock_now_us();
	for (unsigned i = 0; i < m->live_n; i++)
		m->live[i]->log_handed = false;
}

static void retry_later(struct manager *m)
{
	uint64_t now = clock_now_us();

	loop_arm(&m->loop, &m->logs.hand_over,
	         backoff_next(&m->logs.backoff, m->logs.begun_us ? m->logs.begun_us : now, now));
}

bool logs_reaped(struct manager *m, pid_t pid)
{
	if (pid != m->logs.pid)
		return false;
	m->logs.pid = 0;
	fd_drop(&m->logs.socket);
	retry_later(m);
	return true;
}

static int send_message(int socket, const struct log_message *message, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	/* the kernel only reads it */
	union {
		const void *from;
		void *base;
	} bytes = { message };
	struct iovec iov = { bytes.base, LOG_MESSAGE_SIZE(message->len) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof control;
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
	}
	return sendmsg(socket, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int send_pipes(struct manager *m)
{
	for (unsigned i = 0; i < m->live_n; i++) {
		struct live *v = m->live[i];
		struct log_message message = { .kind = LOG_ATTACH };

		if (v->log_read < 0 || v->log_handed)
			continue;
		snprintf(message.name, sizeof message.name, "%s", v->unit->name);
		if (send_message(m->logs.socket, &message, v->log_read) < 0)
			return -1;
		v->log_handed = true;
		logs_release(v);
	}
	return 0;
}

static int send_lines(struct manager *m)
{
	struct log_message message = { .kind = LOG_LINE };
	struct logs *l = &m->logs;
	size_t at = 0;

	while (at < l->queued) {
		struct waiting w;

		memcpy(&w, l->queue + at, sizeof w);
		snprintf(message.name, sizeof message.name, "%s", m->live[w.index]->unit->name);
		memcpy(message.text, l->queue + at + sizeof w, w.len);
		message.time_us = w.time_us;
		message.len = w.len;
		if (send_message(l->socket, &message, -1) < 0)
			break;
		at += sizeof w + w.len;
	}
	memmove(l->queue, l->queue + at, l->queued - at);
	l->queued -= at;
	return l->queued ? -1 : 0;
}

void logs_flush(struct manager *m)
{
	if (m->logs.dir < 0) {
		m->logs.queued = 0;
		return;
	}
	if (m->logs.socket < 0)
		start_logger(m);
	if (m->logs.socket < 0 || send_pipes(m) < 0 || send_lines(m) < 0)
		retry_later(m);
}

void logs_release(struct live *v)
{
	/* the log process reads what is in the pipe, and its end then */
	if (v->log_handed && (v->service.state == SVC_DOWN || v->service.state == SVC_FAILED))
		logs_forget(v);
}

void logs_forget(struct live *v)
{
	fd_drop(&v->log_read);
	fd_drop(&v->log_write);
}
