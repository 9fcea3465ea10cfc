/* control_server: answers `slate` over the control socket (base/control.h).
 *
 * A client is a slot of a fixed array with room for one packet that is on its
 * way to it: a long answer is made piece by piece as the client takes it, so the
 * slowest client costs nothing but its slot, and that only until its deadline.  */
#ifndef SUPER_CONTROL_SERVER_H
#define SUPER_CONTROL_SERVER_H

#include "../base/control.h"
#include "live.h"

enum {
	CONTROL_CLIENTS = 8,
	CONTROL_JOBS_MAX = CONTROL_ARGS_MAX, /* that one client waits for */
	CONTROL_PATIENCE_US = 5000000,       /* for a request, and for each packet taken */
};

struct control_client {
	struct source source; /* fd -1: a free slot */
	struct manager *manager;
	struct deadline patience;
	enum { CLIENT_ASKS, CLIENT_LISTS, CLIENT_WAITS, CLIENT_ENDS } stage;
	unsigned cursor;      /* CLIENT_LISTS: the next unit */
	bool listed_some;     /* only these: */
	uint16_t units[CONTROL_JOBS_MAX];
	uint32_t jobs[CONTROL_JOBS_MAX]; /* 0: ended */
	unsigned units_n, jobs_n;
	bool failed;
	char error[320];
	size_t packet_len;    /* of what could not be sent yet */
	char packet[CONTROL_REPLY_MAX];
};

struct control_server {
	struct source listen;
	bool paused; /* every slot is taken */
	struct control_client *clients; /* owned; CONTROL_CLIENTS */
};

/* Makes the socket. -1 with *e: the machine runs, but can't be asked. */
int control_server_open(struct manager *m, struct err *e);

/* A job has ended: whoever waits for it is told. */
void control_server_job_ended(struct manager *m, uint32_t id, enum job_result result);

/* The units' numbers have changed: lists that are under way end. */
void control_server_units_changed(struct manager *m);

#endif
