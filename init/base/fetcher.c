#include "fetcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "fd.h"
#include "paths.h"
#include "span.h"

enum { PAUSE_MAX_S = 60 };

struct output {
	struct fetcher *f;
	char text[2048];
	size_t used;
	char error[300];
};

const char *fetcher_find(void)
{
	static const char *const places[] = { "/bin/slate-fetch", PATH_BIN "/slate-fetch",
		                              "/usr/lib/slate/slate-fetch",
		                              "/usr/local/lib/slate/slate-fetch" };

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

unsigned fetcher_pause_s(unsigned failures)
{
	return failures < 6 ? 1u << failures : PAUSE_MAX_S;
}

bool fetcher_is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

static void take_progress(struct fetcher *f, const char *value)
{
	char *end;
	unsigned long long done = strtoull(value, &end, 10), whole = strtoull(end, NULL, 10);

	if (f->progress)
		f->progress(f->ctx, done, whole);
}

static void take_line(struct output *o, char *line)
{
	char *value = strchr(line, '=');

	if (!value)
		return;
	*value++ = '\0';
	if (strcmp(line, "progress") == 0)
		take_progress(o->f, value);
	else if (strcmp(line, "say") == 0 && o->f->say)
		o->f->say(o->f->ctx, value);
	else if (strcmp(line, "error") == 0)
		snprintf(o->error, sizeof o->error, "%s", value);
	else if (strcmp(line, "etag") == 0 && strlen(value) < sizeof o->f->etag)
		strcpy(o->f->etag, value);
}

/* Whole lines are taken; one that is longer than the buffer is dropped in parts. */
static bool read_lines(struct output *o, int fd)
{
	ssize_t len = read(fd, o->text + o->used, sizeof o->text - 1 - o->used);

	if (len < 0)
		return errno == EINTR || errno == EAGAIN;
	if (len == 0)
		return false;
	o->used += (size_t)len;
	o->text[o->used] = '\0';

	char *line = o->text, *end;

	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		take_line(o, line);
	}
	o->used = strlen(line);
	memmove(o->text, line, o->used + 1);
	if (o->used == sizeof o->text - 1)
		o->used = 0;
	return true;
}

static _Noreturn void exec_program(const struct fetcher *f, int to)
{
	const char *argv[FETCHER_ARGS_MAX + 2] = { f->program };
	char path[] = "PATH=" PATH_SEARCH, *environment[] = { path, NULL };

	for (int i = 0; f->args[i] && i < FETCHER_ARGS_MAX; i++)
		argv[i + 1] = f->args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(to, STDOUT_FILENO);
	execve(f->program, (char *const *)(uintptr_t)argv, environment);
	_exit(127);
}

/* False: it was ended from outside. */
static bool listen_to(struct output *o, int from)
{
	for (;;) {
		struct pollfd in[2] = { { from, POLLIN, 0 }, { -1, POLLIN, 0 } };
		int wait_ms = -1;

		if (o->f->before)
			o->f->before(o->f->ctx, &in[1].fd, &wait_ms);
		if (poll(in, 2, wait_ms) < 0 && errno != EINTR)
			return false;
		if (in[0].revents && !read_lines(o, from))
			return true;
		if (in[1].revents && o->f->ready && o->f->ready(o->f->ctx))
			return false;
	}
}

static enum fetcher_status judge(const struct output *o, int status, struct err *e)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == FETCHER_DONE)
		return FETCHER_DONE;
	if (o->error[0])
		err_say(e, "%s", o->error);
	else
		err_say(e, "%s: %s", o->f->program, child_describe(status));
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == FETCHER_MISSING || WEXITSTATUS(status) == FETCHER_CONFLICT))
		return (enum fetcher_status)WEXITSTATUS(status);
	return FETCHER_FAILED;
}

enum fetcher_status fetcher_run(struct fetcher *f, struct err *e)
{
	struct output o = { .f = f };
	int ends[2], status = 0;

	f->etag[0] = '\0';
	if (pipe2(ends, O_CLOEXEC) < 0) {
		err_sys(e, "pipe");
		return FETCHER_FAILED;
	}

	FD_AUTO from = ends[0];
	FD_AUTO to = ends[1];
	pid_t pid = fork();

	if (pid < 0) {
		err_sys(e, "fork");
		return FETCHER_FAILED;
	}
	if (pid == 0)
		exec_program(f, to);
	fd_drop(&to);
	if (!listen_to(&o, from)) {
		kill(pid, SIGKILL);
		snprintf(o.error, sizeof o.error, "given up");
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return judge(&o, status, e);
}
