#include "notify_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "act.h"
#include "job.h"
#include "mainpid.h"
#include "manager.h"

#define DATAGRAM_MAX 4096
#define TURN_MAX 32 /* datagrams in one turn, so that a flood does not stop the rest */
#define FDS_MAX 253

struct message {
	char text[DATAGRAM_MAX];
	size_t len;
	struct ucred from;
	bool has_creds, cut;
};

static void close_all(const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, (const char *)c + CMSG_LEN(0) + i * sizeof fd, sizeof fd);
		close(fd);
	}
}

/* musl's macro mixes signed and unsigned sizes. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static struct cmsghdr *next_header(struct msghdr *msg, struct cmsghdr *c)
{
	return CMSG_NXTHDR(msg, c);
}
#pragma GCC diagnostic pop

/* False: nothing more is there. */
static bool receive(int socket, struct message *m)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { m->text, sizeof m->text };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof control,
	};
	ssize_t n = recvmsg(socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return false;
	m->len = (size_t)n;
	m->cut = msg.msg_flags & MSG_TRUNC;
	m->has_creds = false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = next_header(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			close_all(c);
		if (c->cmsg_type == SCM_CREDENTIALS && c->cmsg_len == CMSG_LEN(sizeof m->from)) {
			memcpy(&m->from, CMSG_DATA(c), sizeof m->from);
			m->has_creds = true;
		}
	}
	return true;
}

static struct live *sender(struct manager *m, pid_t pid)
{
	char name[UNIT_NAME_SIZE];
	unsigned index;

	for (unsigned i = 0; i < m->live_n; i++)
		if (m->live[i]->main_pid == pid || m->live[i]->control_pid == pid)
			return m->live[i];
	if (m->cgroup.root < 0 || !cgroup_unit_of(pid, name, sizeof name))
		return NULL;
	index = unit_find(m->set, name);
	return index == UNIT_NONE ? NULL : m->live[index];
}

static bool may_speak(const struct live *v, pid_t pid)
{
	if (!v->unit->service)
		return false;
	switch (v->unit->service->notify_access) {
	case NOTIFY_MAIN:
		return pid == v->main_pid;
	case NOTIFY_EXEC:
		return pid == v->main_pid || pid == v->control_pid;
	case NOTIFY_ALL:
		return true;
	default:
		return false;
	}
}

static void extend(struct live *v, uint64_t more_us)
{
	uint64_t now = clock_now_us();

	/* it only ever adds to a limit that is there */
	if (v->timeout.when && more_us < UINT64_MAX - now && now + more_us > v->timeout.when)
		loop_arm(&v->manager->loop, &v->timeout, now + more_us);
}

static void feed_watchdog(struct live *v, const struct notify *n)
{
	if (n->has_watchdog_us)
		v->watchdog_us = n->watchdog_us;
	if ((n->watchdog || n->has_watchdog_us) && act_is_up(v) && v->watchdog_us)
		loop_arm(&v->manager->loop, &v->watchdog, clock_now_us() + v->watchdog_us);
}

static bool is_notify_type(const struct live *v)
{
	enum service_type type = v->unit->service->type;

	return type == SERVICE_NOTIFY || type == SERVICE_NOTIFY_RELOAD;
}

static void apply(struct live *v, const struct notify *n, uid_t uid)
{
	if (n->main_pid && !mainpid_set(v, n->main_pid, uid == 0))
		logs_say(v->manager, v, "slate-init: MAINPID=%d is not of this unit: ignored",
		         (int)n->main_pid);
	if (n->has_status)
		memcpy(v->status_text, n->status, sizeof v->status_text);
	if (n->has_extend)
		extend(v, n->extend_us);
	feed_watchdog(v, n);
	if (n->watchdog_trigger)
		act_watchdog(&v->watchdog);
	if (n->ready && is_notify_type(v) && !n->reloading &&
	    (v->service.state == SVC_STARTING ||
	     (v->service.state == SVC_RELOADING && v->unit->service->type == SERVICE_NOTIFY_RELOAD)))
		act_ready(v);
}

static void ready(struct source *self, uint32_t events)
{
	struct manager *m = loop_owner(self, struct manager, notify);
	struct message message;

	(void)events;
	for (int i = 0; i < TURN_MAX && receive(self->fd, &message); i++) {
		struct live *v = message.has_creds && !message.cut ? sender(m, message.from.pid) : NULL;
		struct notify n;

		if (!v || !may_speak(v, message.from.pid))
			continue;
		notify_decode((struct span){ message.text, message.len }, &n);
		apply(v, &n, message.from.uid);
	}
}

int notify_open(struct manager *m, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = PATH_NOTIFY };
	FD_AUTO fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;

	m->notify.fd = -1;
	if (fd < 0)
		return err_sys(e, "notification socket");
	unlink(PATH_NOTIFY);
	if (bind(fd, (const struct sockaddr *)&at, sizeof at) < 0)
		return err_sys(e, "bind %s", PATH_NOTIFY);
	if (chmod(PATH_NOTIFY, 0666) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		return err_sys(e, "set up %s", PATH_NOTIFY);
	m->notify = (struct source){ fd, EPOLLIN, ready };
	if (loop_add(&m->loop, &m->notify) < 0) {
		m->notify.fd = -1;
		return err_sys(e, "watch %s", PATH_NOTIFY);
	}
	fd_take(&fd);
	return 0;
}
