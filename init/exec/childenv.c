#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "../unit/expand.h"
#include "child.h"

#define ENV_FILE_MAX (128 * 1024)

static int set_invocation(struct child *c, struct err *e)
{
	char text[INVOCATION_TEXT];

	invocation_text(&c->s->invocation, text);
	return environment_set(c->env, "INVOCATION_ID", text, e);
}

static int set_number(struct child *c, const char *name, uint64_t value, struct err *e)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, value);
	return environment_set(c->env, name, text, e);
}

static int set_account(struct child *c, struct err *e)
{
	if (!c->has_user)
		return 0;
	if (c->account.name[0] && (environment_set(c->env, "USER", c->account.name, e) < 0 ||
	                           environment_set(c->env, "LOGNAME", c->account.name, e) < 0))
		return -1;
	if (environment_set(c->env, "HOME", c->account.home, e) < 0)
		return -1;
	return environment_set(c->env, "SHELL", c->account.shell, e);
}

static int set_term(struct child *c, struct err *e)
{
	enum exec_stream in = c->config->input.kind;
	const char *term = getenv("TERM");

	if (in != STREAM_TTY && in != STREAM_TTY_FORCE && in != STREAM_TTY_FAIL)
		return 0;
	return environment_set(c->env, "TERM", term && *term ? term : "linux", e);
}

/* For ExecStop= and ExecStopPost= of a service whose main process has ended. */
static int set_ending(struct child *c, struct err *e)
{
	int status = c->s->main_status;
	char text[16];

	if (!c->s->outcome)
		return 0;
	if (environment_set(c->env, "SERVICE_RESULT", c->s->outcome, e) < 0)
		return -1;
	if (status == -1)
		return 0;
	snprintf(text, sizeof text, "%d", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (environment_set(c->env, "EXIT_STATUS", text, e) < 0)
		return -1;
	return environment_set(c->env, "EXIT_CODE",
	                       WIFEXITED(status) ? "exited" : WCOREDUMP(status) ? "dumped" : "killed", e);
}

static int set_protocol(struct child *c, struct err *e)
{
	if (c->s->notify && environment_set(c->env, "NOTIFY_SOCKET", PATH_NOTIFY, e) < 0)
		return -1;
	if (c->s->watchdog_us && (set_number(c, "WATCHDOG_USEC", c->s->watchdog_us, e) < 0 ||
	                          set_number(c, "WATCHDOG_PID", (uint64_t)getpid(), e) < 0))
		return -1;
	if (c->s->main_pid && set_number(c, "MAINPID", (uint64_t)c->s->main_pid, e) < 0)
		return -1;
	return set_ending(c, e);
}

static int pass_environment(struct child *c, struct err *e)
{
	const struct text_list *names = &c->config->pass_environment;

	for (unsigned i = 0; i < names->n; i++) {
		const char *value = getenv(names->at[i]);

		if (value && environment_set(c->env, names->at[i], value, e) < 0)
			return -1;
	}
	return 0;
}

struct env_target {
	struct child *c;
	struct err *e;
};

static int set_from_file(void *ctx, const char *name, const char *value)
{
	struct env_target *t = ctx;

	return environment_set(t->c->env, name, value, t->e);
}

static int read_env_file(struct child *c, const char *path, char *text, struct err *e)
{
	struct env_target t = { c, e };
	ssize_t len = fd_read_file(AT_FDCWD, path, text, ENV_FILE_MAX, e);

	if (len < 0)
		return -1;
	if (expand_env_file((struct span){ text, (size_t)len }, set_from_file, &t, e) < 0)
		return err_wrap(e, "%s", path);
	return 0;
}

static int read_env_files(struct child *c, struct err *e)
{
	char *text = c->config->env_files_n ? malloc(ENV_FILE_MAX) : NULL;
	int result = 0;

	for (unsigned i = 0; i < c->config->env_files_n && result == 0; i++) {
		const struct exec_env_file *file = &c->config->env_files[i];
		glob_t found;

		if (!text)
			return err_sys(e, "environment files");
		if (glob(file->path, GLOB_NOCHECK, NULL, &found) != 0)
			return err_say(e, "%s: can't be read", file->path);
		for (size_t k = 0; k < found.gl_pathc && result == 0; k++)
			if (read_env_file(c, found.gl_pathv[k], text, e) < 0 && !file->optional)
				result = -1;
		globfree(&found);
	}
	free(text);
	return result;
}

int child_environment(struct child *c, struct err *e)
{
	if (environment_set(c->env, "PATH", PATH_SEARCH, e) < 0 || set_invocation(c, e) < 0 ||
	    set_account(c, e) < 0 || set_term(c, e) < 0 || set_protocol(c, e) < 0 ||
	    child_dirs(c, e) < 0 || pass_environment(c, e) < 0)
		return -1;
	for (unsigned i = 0; i < c->config->environment.n; i++)
		if (environment_put(c->env, c->config->environment.at[i], e) < 0)
			return -1;
	if (read_env_files(c, e) < 0)
		return -1;
	for (unsigned i = 0; i < c->config->unset_environment.n; i++)
		environment_unset(c->env, c->config->unset_environment.at[i]);
	return 0;
}
