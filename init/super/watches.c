#include "watches.h"

#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "act.h"
#include "manager.h"

static void changed(struct manager *m, int watch)
{
	for (unsigned i = 0; i < m->live_n; i++)
		if (m->live[i]->cgroup_watch == watch || m->live[i]->pid_file_watch == watch) {
			act_look(m->live[i]);
			return;
		}
}

static void ready(struct source *self, uint32_t events)
{
	struct manager *m = loop_owner(self, struct manager, inotify);
	char bytes[4096];
	ssize_t n = read(self->fd, bytes, sizeof bytes);
	struct inotify_event event;

	(void)events;
	for (ssize_t at = 0; at + (ssize_t)sizeof event <= n;
	     at += (ssize_t)sizeof event + event.len) {
		memcpy(&event, bytes + at, sizeof event);
		changed(m, event.wd);
	}
}

int watches_open(struct manager *m, struct err *e)
{
	m->inotify = (struct source){ inotify_init1(IN_CLOEXEC | IN_NONBLOCK), EPOLLIN, ready };
	if (m->inotify.fd < 0)
		return err_sys(e, "inotify");
	if (loop_add(&m->loop, &m->inotify) < 0)
		return err_sys(e, "watch inotify");
	return 0;
}
