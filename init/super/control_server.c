#include "control_server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/clock.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "control_verbs.h"
#include "job.h"
#include "manager.h"

static void client_close(struct control_client *c)
{
	struct manager *m = c->manager;

	loop_disarm(&m->loop, &c->patience);
	loop_drop(&m->loop, &c->source);
	fd_drop(&c->source.fd);
	if (m->control.paused) {
		m->control.listen.events = EPOLLIN;
		m->control.paused = loop_change(&m->loop, &m->control.listen) < 0;
	}
}

static void out_of_patience(struct deadline *d)
{
	client_close(loop_owner(d, struct control_client, patience));
}

static void be_patient(struct control_client *c)
{
	loop_arm(&c->manager->loop, &c->patience, clock_now_us() + CONTROL_PATIENCE_US);
}

static void want(struct control_client *c, uint32_t events)
{
	if (c->source.events == events)
		return;
	c->source.events = events;
	loop_change(&c->manager->loop, &c->source);
}

/* 1: sent, the packet is free for the next; 0: the client is slow; -1: it is gone. */
static int push_packet(struct control_client *c)
{
	ssize_t n;

	if (c->packet_len == 0)
		return 1;
	n = send(c->source.fd, c->packet, c->packet_len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)) {
		want(c, EPOLLOUT);
		return 0;
	}
	if (n < 0)
		return -1;
	c->packet_len = 0;
	be_patient(c);
	return 1;
}

static void make_end(struct control_client *c)
{
	int n = snprintf(c->packet, sizeof c->packet, "end=%s\n", c->failed ? "failed" : "done");

	report_clean(c->error);
	if (c->error[0])
		n += snprintf(c->packet + n, sizeof c->packet - (size_t)n, "error=%s\n", c->error);
	c->packet_len = (size_t)n;
	c->stage = CLIENT_ENDS;
}

/* Makes and sends packets until the client is slow, waits for jobs, or has all. */
static void go_on(struct control_client *c)
{
	for (;;) {
		int sent = push_packet(c);

		if (sent < 0 || (sent > 0 && c->stage == CLIENT_ENDS)) {
			client_close(c);
			return;
		}
		if (sent == 0)
			return;
		if (c->stage == CLIENT_LISTS && control_list_next(c))
			continue;
		if (c->stage == CLIENT_WAITS && c->jobs_n > 0) {
			/* a client that has gone is noticed by its hang-up */
			loop_disarm(&c->manager->loop, &c->patience);
			want(c, 0);
			return;
		}
		make_end(c);
	}
}

static void take_request(struct control_client *c)
{
	char packet[CONTROL_REQUEST_MAX + 1];
	struct control_request r;
	struct err e;
	ssize_t n = recv(c->source.fd, packet, sizeof packet, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		client_close(c);
		return;
	}
	be_patient(c);
	c->stage = CLIENT_WAITS;
	if (control_decode(packet, (size_t)n, &r, &e) < 0)
		control_fail(c, &e);
	else
		control_run(c, &r);
	go_on(c);
}

static void client_ready(struct source *self, uint32_t events)
{
	struct control_client *c = loop_owner(self, struct control_client, source);

	if (c->stage == CLIENT_ASKS && events & EPOLLIN)
		take_request(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		client_close(c);
	else if (events & EPOLLOUT)
		go_on(c);
}

void control_server_job_ended(struct manager *m, uint32_t id, enum job_result result)
{
	for (unsigned i = 0; m->control.clients && i < CONTROL_CLIENTS; i++) {
		struct control_client *c = &m->control.clients[i];
		unsigned n = 0;
		bool found = false;

		if (c->source.fd < 0 || c->stage != CLIENT_WAITS)
			continue;
		for (unsigned k = 0; k < c->jobs_n; k++) {
			if (c->jobs[k] == id)
				found = true;
			else
				c->jobs[n++] = c->jobs[k];
		}
		c->jobs_n = n;
		if (!found)
			continue;
		if (result != JOB_DONE && result != JOB_SKIPPED) {
			c->failed = true;
			snprintf(c->error, sizeof c->error, "%s", job_result_name(result));
		}
		if (n == 0)
			go_on(c);
	}
}

void control_server_units_changed(struct manager *m)
{
	for (unsigned i = 0; m->control.clients && i < CONTROL_CLIENTS; i++)
		if (m->control.clients[i].stage == CLIENT_LISTS)
			m->control.clients[i].stage = CLIENT_WAITS;
}

/* --- Connections --- */

static bool is_root(int fd)
{
	struct ucred who;
	socklen_t len = sizeof who;

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 && who.uid == 0;
}

static struct control_client *free_slot(struct manager *m)
{
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		if (m->control.clients[i].source.fd < 0)
			return &m->control.clients[i];
	return NULL;
}

static void connected(struct source *self, uint32_t events)
{
	struct manager *m = loop_owner(self, struct manager, control.listen);
	struct control_client *c = free_slot(m);

	(void)events;
	if (!c) {
		/* the others wait in the socket's queue until a slot is free */
		m->control.listen.events = 0;
		m->control.paused = loop_change(&m->loop, &m->control.listen) == 0;
		return;
	}

	FD_AUTO fd = accept4(self->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0 || !is_root(fd))
		return;
	*c = (struct control_client){ .manager = m, .patience.passed = out_of_patience };
	c->source = (struct source){ fd, EPOLLIN, client_ready };
	if (loop_add(&m->loop, &c->source) < 0) {
		c->source.fd = -1;
		return;
	}
	fd_take(&fd);
	be_patient(c);
}

int control_server_open(struct manager *m, struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = PATH_CONTROL };
	FD_AUTO fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	m->control.listen.fd = -1;
	m->control.clients = calloc(CONTROL_CLIENTS, sizeof *m->control.clients);
	if (!m->control.clients)
		return err_sys(e, "control clients");
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++)
		m->control.clients[i].source.fd = -1;
	if (fd < 0)
		return err_sys(e, "control socket");
	unlink(PATH_CONTROL);

	mode_t before = umask(0177);
	int bound = bind(fd, (const struct sockaddr *)&at, sizeof at);

	umask(before);
	if (bound < 0 || listen(fd, 32) < 0)
		return err_sys(e, "listen at %s", PATH_CONTROL);
	m->control.listen = (struct source){ fd, EPOLLIN, connected };
	if (loop_add(&m->loop, &m->control.listen) < 0) {
		m->control.listen.fd = -1;
		return err_sys(e, "watch %s", PATH_CONTROL);
	}
	fd_take(&fd);
	return 0;
}
