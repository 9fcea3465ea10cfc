#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../base/fd.h"

void state_encode(const struct live *v, struct state_record *r)
{
	memset(r, 0, sizeof *r);
	r->magic = STATE_MAGIC;
	r->state = (uint32_t)v->service.state;
	r->outcome = (uint32_t)v->outcome;
	r->restarts = v->restarts;
	r->main_pid = v->main_pid;
	r->log_read = v->log_read;
	r->log_write = v->log_write;
	r->begun_us = v->begun_us;
	r->up_us = v->up_us;
	r->changed_us = v->changed_us;
	strncpy(r->name, v->unit->name, sizeof r->name - 1);
}

static bool is_descriptor(int fd)
{
	return fd == -1 || fd > STDERR_FILENO;
}

bool state_is_valid(const struct state_record *r)
{
	return r->magic == STATE_MAGIC && r->state > SVC_NONE && r->state < SVC_STATES &&
	       r->outcome < OUTCOMES && r->main_pid >= 0 && r->main_pid != 1 &&
	       is_descriptor(r->log_read) && is_descriptor(r->log_write) &&
	       (r->log_read == -1) == (r->log_write == -1) && r->name[0] &&
	       memchr(r->name, '\0', sizeof r->name) && !strchr(r->name, '/');
}

static void keep_open(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, 0);
}

int state_write(struct live *const *live, unsigned n)
{
	int fd = memfd_create("slate-state", 0);

	if (fd < 0)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		struct state_record r;

		state_encode(live[i], &r);
		if (fd_write_full(fd, &r, sizeof r) < 0)
			break;
		keep_open(r.log_read);
		keep_open(r.log_write);
	}
	return fd;
}

int state_read(int fd, struct state_record *records, unsigned max, struct err *e)
{
	unsigned n = 0;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "read the state");
	while (n < max) {
		ssize_t len = fd_read_full(fd, &records[n], sizeof *records);

		if (len < 0)
			return err_sys(e, "read the state");
		if (len != sizeof *records)
			break;
		n += state_is_valid(&records[n]);
	}
	return (int)n;
}
