#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../base/control.h"
#include "../base/fd.h"
#include "../base/paths.h"

static int connect_init(struct err *e)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = PATH_CONTROL };
	FD_AUTO fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_sys(e, "socket");
	if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
		return fd_take(&fd);
	if (errno == ENOENT || errno == ECONNREFUSED) {
		err_say(e, "slate-init does not run here");
		e->code = ECONNREFUSED;
		return -1;
	}
	return err_sys(e, "reach slate-init at %s", PATH_CONTROL);
}

bool client_is_absent(const struct err *e)
{
	return e->code == ECONNREFUSED;
}

static int send_words(int fd, const char *const *words, struct err *e)
{
	char packet[CONTROL_REQUEST_MAX];
	size_t len = 0;

	for (; *words; words++) {
		size_t n = strlen(*words) + 1;

		if (n > sizeof packet - len)
			return err_say(e, "too much at once");
		memcpy(packet + len, *words, n);
		len += n;
	}
	if (send(fd, packet, len, MSG_NOSIGNAL) < 0)
		return err_sys(e, "ask slate-init");
	return 0;
}

static int take_end(struct span packet, struct err *e)
{
	struct span error = span_value(packet, "error");

	if (span_is(span_value(packet, "end"), "done"))
		return 0;
	err_say(e, "%.*s", SPAN_ARGS(error.at ? error : span_of("failed")));
	e->code = 0;
	return -1;
}

int client_ask(const char *const *words, void (*each)(void *ctx, struct span packet), void *ctx,
               struct err *e)
{
	FD_AUTO fd = connect_init(e);

	if (fd < 0 || send_words(fd, words, e) < 0)
		return -1;
	for (;;) {
		char packet[CONTROL_REPLY_MAX];
		ssize_t n = recv(fd, packet, sizeof packet, 0);
		struct span text = { packet, n > 0 ? (size_t)n : 0 };

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "hear slate-init");
		if (n == 0) {
			err_say(e, "slate-init hung up");
			e->code = EPIPE;
			return -1;
		}
		if (span_starts(text, "end="))
			return take_end(text, e);
		if (each)
			each(ctx, text);
	}
}

/* --- Units --- */

static void text(struct span packet, const char *key, char *into, size_t size)
{
	struct span value = span_value(packet, key);

	if (value.len >= size)
		value.len = size - 1;
	if (value.at)
		span_copy(value, into, size);
}

static uint64_t number(struct span packet, const char *key)
{
	uint64_t value = 0;

	span_uint(span_value(packet, key), UINT64_MAX, &value);
	return value;
}

#define TEXT(packet, u, member) text(packet, #member, (u)->member, sizeof (u)->member)

static void add_unit(void *ctx, struct span packet)
{
	struct unit_list *list = ctx;
	struct unit_info *at = realloc(list->at, (list->n + 1) * sizeof *at);
	struct unit_info *u;

	if (!at)
		return;
	list->at = at;
	u = &at[list->n++];
	memset(u, 0, sizeof *u);
	text(packet, "unit", u->name, sizeof u->name);
	TEXT(packet, u, type);
	TEXT(packet, u, load);
	TEXT(packet, u, active);
	TEXT(packet, u, sub);
	TEXT(packet, u, job);
	TEXT(packet, u, description);
	TEXT(packet, u, reason);
	TEXT(packet, u, fragment);
	TEXT(packet, u, result);
	TEXT(packet, u, exit);
	TEXT(packet, u, status);
	TEXT(packet, u, cgroup);
	TEXT(packet, u, requires);
	TEXT(packet, u, wants);
	u->begun_us = number(packet, "begun_us");
	u->up_us = number(packet, "up_us");
	u->changed_us = number(packet, "changed_us");
	u->restarts = number(packet, "restarts");
	u->main_pid = number(packet, "main_pid");
	u->control_pid = number(packet, "control_pid");
}

int client_units(const char *const *names, struct unit_list *list, struct err *e)
{
	const char *words[CONTROL_ARGS_MAX + 2] = { control_verb_name(CONTROL_LIST) };
	size_t n = 1;

	*list = (struct unit_list){ 0 };
	for (; names && *names; names++) {
		if (n > CONTROL_ARGS_MAX)
			return err_say(e, "more than %d units at once", CONTROL_ARGS_MAX);
		words[n++] = *names;
	}
	return client_ask(words, add_unit, list, e);
}

void unit_list_free(struct unit_list *list)
{
	free(list->at);
	*list = (struct unit_list){ 0 };
}

static void take_manager(void *ctx, struct span packet)
{
	struct manager_info *i = ctx;

	TEXT(packet, i, version);
	TEXT(packet, i, container);
	TEXT(packet, i, cgroups);
	TEXT(packet, i, shutdown);
	TEXT(packet, i, watchdog);
	TEXT(packet, i, watchdog_sick);
	i->units = number(packet, "units");
	i->failed = number(packet, "failed");
	i->jobs = number(packet, "jobs");
	i->started_us = number(packet, "started_us");
	i->finished_us = number(packet, "finished_us");
	i->watchdog_s = number(packet, "watchdog_s");
}

int client_manager(struct manager_info *info, struct err *e)
{
	const char *words[] = { control_verb_name(CONTROL_MANAGER), NULL };

	*info = (struct manager_info){ 0 };
	return client_ask(words, take_manager, info, e);
}

/* --- Processes --- */

static FILE *open_procs(const struct unit_info *u)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	char path[700];

	for (size_t i = 0; u->cgroup[0] && i < sizeof mounts / sizeof *mounts; i++) {
		snprintf(path, sizeof path, "%s/%s/cgroup.procs", mounts[i], u->cgroup);

		FILE *in = fopen(path, "re");

		if (in)
			return in;
	}
	return NULL;
}

size_t unit_processes(const struct unit_info *u, pid_t *pids, size_t max)
{
	FILE *in = open_procs(u);
	size_t n = 0;
	int pid;

	if (!in) {
		if (u->main_pid && max)
			pids[n++] = (pid_t)u->main_pid;
		return n;
	}
	while (n < max && fscanf(in, "%d", &pid) == 1)
		pids[n++] = pid;
	fclose(in);
	return n;
}

static uint64_t process_memory(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;

	snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);

	FILE *in = fopen(path, "re");

	if (!in)
		return 0;
	while (fgets(line, sizeof line, in))
		if (sscanf(line, "Pss: %lu kB", &kib) == 1)
			break;
	fclose(in);
	return (uint64_t)kib * 1024;
}

uint64_t unit_memory(const struct unit_info *u)
{
	pid_t pids[256];
	size_t n = unit_processes(u, pids, sizeof pids / sizeof *pids);
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += process_memory(pids[i]);
	return sum;
}
