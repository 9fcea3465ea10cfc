#include "hook.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "clock.h"
#include "fd.h"

struct script {
	char name[NAME_MAX + 1];
	const char *dir; /* parent of PHASE.d */
};

static bool is_known(const struct script *scripts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(scripts[i].name, name) == 0)
			return true;
	return false;
}

/* *scripts is made for the first that is found, the caller's to free. */
static int collect_dir(const char *dir, const char *phase, struct script **scripts, size_t *n,
                       struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/%s.d", dir, phase);

	DIR *d = opendir(path);
	int result = 0;

	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, "open %s", path);
	for (struct dirent *entry; (entry = readdir(d));) {
		if (entry->d_name[0] == '.' || is_known(*scripts, *n, entry->d_name))
			continue;
		if (*n == HOOK_MAX) {
			result = err_say(e, "%s: more than %d hooks", path, HOOK_MAX);
			break;
		}
		if (!*scripts && !(*scripts = calloc(HOOK_MAX, sizeof **scripts))) {
			result = err_sys(e, "hooks");
			break;
		}
		snprintf((*scripts)[*n].name, sizeof (*scripts)->name, "%s", entry->d_name);
		(*scripts)[(*n)++].dir = dir;
	}
	closedir(d);
	return result;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct script *)a)->name, ((const struct script *)b)->name);
}

static void say_lines(const struct hook_run *run, const char *name, char *text, size_t *len,
                      bool flush)
{
	char *from = text, *end;

	while ((end = memchr(from, '\n', *len - (size_t)(from - text)))) {
		*end = '\0';
		run->say(run->ctx, name, from, 0);
		from = end + 1;
	}
	*len -= (size_t)(from - text);
	memmove(text, from, *len);
	if (*len && (flush || *len >= 500)) {
		text[*len] = '\0';
		run->say(run->ctx, name, text, 0);
		*len = 0;
	}
}

/* Passes output on until every writer has closed the pipe or the time is up. */
static void relay(const struct hook_run *run, const char *name, int fd, uint64_t deadline_ms)
{
	char text[512];
	size_t len = 0;

	for (;;) {
		struct pollfd in = { fd, POLLIN, 0 };
		int n = poll(&in, 1, clock_left_ms(deadline_ms));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;

		ssize_t got = read(fd, text + len, sizeof text - 1 - len);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		len += (size_t)got;
		say_lines(run, name, text, &len, false);
	}
	say_lines(run, name, text, &len, true);
}

struct script_call {
	const char *path;
	char *const *environment;
};

static void exec_script(void *arg, int out)
{
	const struct script_call *call = arg;
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execle(call->path, call->path, (char *)NULL, call->environment);
	dprintf(STDERR_FILENO, "exec %s: %s\n", call->path, strerror(errno));
	_exit(127);
}

static int run_script(const struct hook_run *run, const char *path, const char *name,
                      struct err *e)
{
	struct script_call call = { path, run->environment };
	uint64_t deadline_ms = clock_now_ms() + run->limit_ms;
	FD_AUTO from = -1;
	pid_t pid = child_start(exec_script, &call, &from, e);
	int status;

	if (pid < 0)
		return -1;
	relay(run, name, from, deadline_ms);
	if (child_wait(pid, deadline_ms, &status, e) < 0) {
		kill(-pid, SIGKILL);
		return err_wrap(e, "after %d s", (int)(run->limit_ms / 1000));
	}
	if (status != 0)
		return err_say(e, "%s", child_describe(status));
	return 0;
}

int hook_each(const char *const *dirs, const char *phase,
              void (*each)(void *ctx, const char *path, const char *name), void *ctx, struct err *e)
{
	struct script *scripts = NULL;
	size_t n = 0;

	for (; *dirs; dirs++)
		if (collect_dir(*dirs, phase, &scripts, &n, e) < 0) {
			free(scripts);
			return -1;
		}
	if (n)
		qsort(scripts, n, sizeof *scripts, by_name);
	for (size_t i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s.d/%s", scripts[i].dir, phase, scripts[i].name);
		/* not executable, or a link to /dev/null: switched off */
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111))
			each(ctx, path, scripts[i].name);
	}
	free(scripts);
	return 0;
}

struct phase_run {
	const struct hook_run *run;
	int failed;
};

static void run_one(void *ctx, const char *path, const char *name)
{
	struct phase_run *p = ctx;
	struct err why;

	if (run_script(p->run, path, name, &why) == 0)
		return;
	p->run->say(p->run->ctx, name, why.text, 1);
	p->failed++;
}

int hook_run_phase(const struct hook_run *run, struct err *e)
{
	struct phase_run p = { run, 0 };

	return hook_each(run->dirs, run->phase, run_one, &p, e) < 0 ? -1 : p.failed;
}
