#include "logger.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "logfile.h"
#include "logline.h"
#include "loop.h"

struct logger;

struct stream {
	struct source source; /* of the pipe; fd -1: PID 1's lines only */
	struct logger *logger;
	struct stream *next;
	struct logfile file;
	size_t len;
	char name[UNIT_NAME_SIZE];
	char text[LOGLINE_TEXT_MAX]; /* the beginning of a record, its end not read yet */
};

struct logger {
	struct loop loop;
	struct source control;
	struct stream *streams;
	int dir;
	bool ending;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static struct stream *find_stream(struct logger *l, const char *name)
{
	for (struct stream *s = l->streams; s; s = s->next)
		if (strcmp(s->name, name) == 0)
			return s;

	struct stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->logger = l;
	s->source.fd = -1;
	snprintf(s->name, sizeof s->name, "%s", name);
	logfile_init(&s->file, l->dir, name);
	s->next = l->streams;
	l->streams = s;
	return s;
}

static void close_pipe(struct stream *s)
{
	if (s->source.fd < 0)
		return;
	loop_drop(&s->logger->loop, &s->source);
	fd_drop(&s->source.fd);
}

/* --- Records --- */

struct batch {
	char bytes[4 * LOGLINE_SIZE];
	size_t len;
	unsigned records;
	int64_t time_us;
};

static void batch_write(struct batch *b, struct stream *s)
{
	if (b->records)
		logfile_append(&s->file, b->bytes, b->len, b->records);
	b->len = b->records = 0;
}

static void batch_add(struct batch *b, struct stream *s, struct span text)
{
	if (b->len + LOGLINE_SIZE > sizeof b->bytes)
		batch_write(b, s);
	b->len += logline_format(b->bytes + b->len, b->time_us, text);
	b->records++;
}

/* Whole lines become records, a line too long for one becomes several. */
static void take_text(struct stream *s, const char *bytes, size_t len, struct batch *b)
{
	while (len > 0) {
		size_t room = sizeof s->text - s->len;
		size_t part = len < room ? len : room;
		const char *end = memchr(bytes, '\n', part);

		if (end)
			part = (size_t)(end - bytes);
		memcpy(s->text + s->len, bytes, part);
		s->len += part;
		bytes += part;
		len -= part;
		if (end) {
			bytes++;
			len--;
		}
		if (end || s->len == sizeof s->text) {
			batch_add(b, s, (struct span){ s->text, s->len });
			s->len = 0;
		}
	}
}

static void take_end(struct stream *s, struct batch *b)
{
	if (s->len)
		batch_add(b, s, (struct span){ s->text, s->len });
	s->len = 0;
}

static void pipe_ready(struct source *self, uint32_t events)
{
	struct stream *s = loop_owner(self, struct stream, source);
	struct batch b;
	char bytes[4096];
	ssize_t n = read(self->fd, bytes, sizeof bytes);

	(void)events;
	b.len = b.records = 0;
	b.time_us = now_us();
	if (n > 0)
		take_text(s, bytes, (size_t)n, &b);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		take_end(s, &b);
		close_pipe(s);
	}
	batch_write(&b, s);
}

/* --- PID 1's messages --- */

static void attach(struct logger *l, const struct log_message *m, int *fd)
{
	struct stream *s = find_stream(l, m->name);

	if (!s)
		return;
	close_pipe(s);
	s->source = (struct source){ fd_take(fd), EPOLLIN, pipe_ready };
	if (loop_add(&l->loop, &s->source) < 0)
		fd_drop(&s->source.fd);
}

static void add_line(struct logger *l, const struct log_message *m)
{
	struct stream *s = find_stream(l, m->name);
	struct batch b;

	if (!s)
		return;
	b.len = b.records = 0;
	b.time_us = m->time_us;
	batch_add(&b, s, (struct span){ m->text, m->len });
	batch_write(&b, s);
}

/* Returns what recvmsg does; *fd is the caller's. */
static ssize_t receive(int socket, struct log_message *m, int *fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { m, sizeof *m };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control,
	};
	ssize_t n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;

	if (c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof *fd);
	return n;
}

static void control_ready(struct source *self, uint32_t events)
{
	struct logger *l = loop_owner(self, struct logger, control);
	struct log_message m;
	FD_AUTO fd = -1;
	ssize_t n = receive(self->fd, &m, &fd);

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		loop_drop(&l->loop, self);
		l->ending = true;
		return;
	}
	if (n < (ssize_t)LOG_MESSAGE_SIZE(0) || m.len > sizeof m.text ||
	    n < (ssize_t)LOG_MESSAGE_SIZE(m.len) || !memchr(m.name, 0, sizeof m.name))
		return;
	if (m.kind == LOG_ATTACH && fd >= 0)
		attach(l, &m, &fd);
	else if (m.kind == LOG_LINE)
		add_line(l, &m);
}

/* What it does is read pipes and write files of its own: no capability is
 * needed for that, not even for root's directory. */
static void drop_privileges(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	struct rlimit no_core = { 0, 0 };

	for (int cap = 0; cap <= 63; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	syscall(SYS_capset, &head, none);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
}

int logger_run(int socket, int dir)
{
	static struct logger l;
	struct err e;

	l.dir = dir;
	drop_privileges();
	if (loop_open(&l.loop, &e) < 0)
		return 1;
	l.control = (struct source){ socket, EPOLLIN, control_ready };
	if (loop_add(&l.loop, &l.control) < 0)
		return 1;
	while (!l.ending)
		loop_turn(&l.loop, UINT64_MAX);
	/* the services may write a last word after PID 1 has gone */
	while (loop_turn(&l.loop, 100000) > 0)
		;
	return 0;
}
