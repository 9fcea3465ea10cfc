#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/paths.h"
#include "../unit/expand.h"

static int do_session(struct child *c, struct err *e)
{
	(void)c;
	/* an own process group is needed either way; a session leader may take a terminal */
	if (setsid() < 0 && errno != EPERM)
		return err_sys(e, "setsid");
	return 0;
}

static int do_oom(struct child *c, struct err *e)
{
	char text[16] = "0";
	int len = 1;

	if (c->config->oom_score_adjust_set)
		len = snprintf(text, sizeof text, "%d", c->config->oom_score_adjust);
	/* PID 1 protects itself; what it starts must not inherit that, and sees 0 as its parent
	 * from a name space of its own */
	else if (getppid() > 1)
		return 0;
	if (fd_write_file(AT_FDCWD, "/proc/self/oom_score_adj", text, (size_t)len, e) < 0)
		return c->config->oom_score_adjust_set ? -1 : 0;
	return 0;
}

static int do_nice(struct child *c, struct err *e)
{
	if (c->config->nice_set && setpriority(PRIO_PROCESS, 0, c->config->nice) < 0)
		return err_sys(e, "Nice=%d", c->config->nice);
	return 0;
}

static int do_sched(struct child *c, struct err *e)
{
	static const int policies[] = {
		[SCHED_SET_OTHER] = SCHED_OTHER, [SCHED_SET_BATCH] = SCHED_BATCH,
		[SCHED_SET_IDLE] = SCHED_IDLE, [SCHED_SET_FIFO] = SCHED_FIFO,
		[SCHED_SET_RR] = SCHED_RR,
	};
	struct {
		int priority;
		int room[15]; /* musl's sched_param is larger than the kernel's */
	} param = { c->config->sched_priority, { 0 } };
	int flags = c->config->sched_reset_on_fork ? SCHED_RESET_ON_FORK : 0;

	if (c->config->sched == SCHED_UNSET && !flags)
		return 0;
	/* musl refuses sched_setscheduler itself */
	if (syscall(SYS_sched_setscheduler, 0, policies[c->config->sched ? c->config->sched
	                                                   : SCHED_SET_OTHER] | flags, &param) < 0)
		return err_sys(e, "CPUSchedulingPolicy=");
	return 0;
}

static int do_cpus(struct child *c, struct err *e)
{
	if (!c->config->cpus)
		return 0;
	if (syscall(SYS_sched_setaffinity, 0, sizeof *c->config->cpus, c->config->cpus) < 0)
		return err_sys(e, "CPUAffinity=");
	return 0;
}

static int do_ioprio(struct child *c, struct err *e)
{
	int class = c->config->io_class, level = c->config->io_priority;

	if (class == IOCLASS_UNSET && level < 0)
		return 0;
	if (class == IOCLASS_UNSET)
		class = IOCLASS_BEST_EFFORT;
	if (level < 0)
		level = class == IOCLASS_IDLE || class == IOCLASS_NONE ? 0 : 4;
	if (syscall(SYS_ioprio_set, 1, 0, class << 13 | level) < 0)
		return err_sys(e, "IOSchedulingClass=");
	return 0;
}

/* PID 1 itself may have more files open than a program that uses select(2) can stand. */
static void default_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur > 1024) {
		files.rlim_cur = 1024;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int do_limits(struct child *c, struct err *e)
{
	default_limits();
	for (unsigned i = 0; i < c->config->limits_n; i++) {
		const struct exec_limit *l = &c->config->limits[i];
		/* the kernel's struct, where all ones are no limit, too */
		uint64_t r[2] = { l->soft, l->hard };

		if (syscall(SYS_prlimit64, 0, l->resource, r, NULL) < 0)
			return err_sys(e, "limit number %d", l->resource);
	}
	if (c->config->timer_slack_set)
		prctl(PR_SET_TIMERSLACK, c->config->timer_slack_ns, 0, 0, 0);
	umask((mode_t)c->config->umask);
	return 0;
}

static int do_user(struct child *c, struct err *e)
{
	unsigned root = c->s->command->flags & (EXEC_FULL_PRIVILEGES | EXEC_NO_SETUID);

	if (!c->config->user)
		return 0;
	if (account_find(c->config->user, &c->account, e) < 0)
		return -1;
	/* the directories belong to the user whoever runs this command */
	c->gid = c->account.gid;
	c->has_user = !root;
	return 0;
}

static int do_group(struct child *c, struct err *e)
{
	return c->config->group ? account_group(c->config->group, &c->gid, e) : 0;
}

static bool keeps_identity(const struct child *c)
{
	return c->s->command->flags & (EXEC_FULL_PRIVILEGES | EXEC_NO_SETUID);
}

static int do_groups(struct child *c, struct err *e)
{
	gid_t groups[ACCOUNT_GROUPS_MAX];
	size_t n = 0;

	if (keeps_identity(c))
		return 0;
	if (!c->has_user && !c->config->group && c->config->supplementary.n == 0)
		return 0;
	if (c->has_user && c->account.name[0] && account_groups_of(c->account.name, groups, &n, e) < 0)
		return -1;
	for (unsigned i = 0; i < c->config->supplementary.n && n < ACCOUNT_GROUPS_MAX; i++)
		if (account_group(c->config->supplementary.at[i], &groups[n++], e) < 0)
			return -1;
	if (setgroups(n, groups) < 0 || setresgid(c->gid, c->gid, c->gid) < 0)
		return err_sys(e, "become group %u", (unsigned)c->gid);
	return 0;
}

static int do_become(struct child *c, struct err *e)
{
	if (!keeps_identity(c) && c->has_user &&
	    setresuid(c->account.uid, c->account.uid, c->account.uid) < 0)
		return err_sys(e, "become user %s", c->config->user);
	return 0;
}

static int do_no_new_privs(struct child *c, struct err *e)
{
	if (c->config->no_new_privileges && !(c->s->command->flags & EXEC_FULL_PRIVILEGES) &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_sys(e, "NoNewPrivileges=");
	return 0;
}

static int do_chdir(struct child *c, struct err *e)
{
	const char *dir = c->config->working_directory;

	/* PID 1 is in "/", and so is what it starts */
	if (!dir)
		return 0;
	if (strcmp(dir, "~") == 0)
		dir = c->has_user ? c->account.home : "/root";
	if (chdir(dir) < 0 && !c->config->working_directory_optional)
		return err_sys(e, "enter %s", dir);
	return 0;
}

static int do_signals(struct child *c, struct err *e)
{
	sigset_t none;

	(void)e;
	/* the exec resets handlers, and PID 1 ignores no signal (signals_open) */
	if (c->config->ignore_sigpipe)
		signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	return 0;
}

/* A bare name is looked for in the PATH of every unit. */
static void exec_search(const char *name, char *const *argv, char *const *env)
{
	struct span rest = span_of(PATH_SEARCH), dir;
	int saved = ENOENT;

	while (span_word(&rest, ":", &dir)) {
		char path[4096];

		snprintf(path, sizeof path, "%.*s/%s", SPAN_ARGS(dir), name);
		execve(path, argv, env);
		if (errno != ENOENT && errno != ENOTDIR)
			saved = errno;
	}
	errno = saved;
}

static int do_exec(struct child *c, struct err *e)
{
	const struct exec_command *command = c->s->command;
	const char **words = c->memory->words;

	if (expand_command(command, c->env->at, words, CHILD_WORDS, c->memory->bytes,
	                   sizeof c->memory->bytes, e) < 0)
		return -1;

	/* execve(2) takes the words without const and does not write them */
	union {
		const char **from;
		char *const *to;
	} argv = { words };

	if (strchr(command->path, '/'))
		execve(command->path, argv.to, c->env->at);
	else
		exec_search(command->path, argv.to, c->env->at);
	return err_sys(e, "execute %s", command->path);
}

static const struct {
	int (*run)(struct child *c, struct err *e);
	int status;
	bool walls; /* only where there is a sandbox: a large frame's pages cost every child */
} steps[] = {
	{ do_session, CHILD_SETSID, false },
	{ do_oom, CHILD_OOM, false },
	{ do_user, CHILD_USER, false },
	{ do_group, CHILD_GROUP, false },
	{ child_stdin, CHILD_STDIN, false },
	{ child_stdout, CHILD_STDOUT, false },
	{ child_stderr, CHILD_STDERR, false },
	{ do_nice, CHILD_NICE, false },
	{ do_sched, CHILD_SCHED, false },
	{ do_cpus, CHILD_CPUS, false },
	{ do_ioprio, CHILD_IOPRIO, false },
	{ do_limits, CHILD_LIMITS, false },
	{ child_environment, CHILD_MEMORY, false },
	{ child_group, CHILD_CGROUP, true },
	{ child_spaces, CHILD_NAMESPACE, true },
	{ do_groups, CHILD_GROUP, false },
	{ child_users, CHILD_USER, true },
	{ child_bounding, CHILD_CAPABILITIES, true },
	{ do_become, CHILD_USER, false },
	{ child_capabilities, CHILD_CAPABILITIES, true },
	{ child_keyring, CHILD_KEYRING, true },
	{ child_label, CHILD_APPARMOR, false },
	{ do_no_new_privs, CHILD_NO_NEW_PRIVS, false },
	{ do_chdir, CHILD_CHDIR, false },
	{ do_signals, CHILD_MEMORY, false },
	{ child_filter, CHILD_SECCOMP, true },
	{ do_exec, CHILD_EXEC, false },
};

static _Noreturn void give_up(const struct child *c, const struct err *e)
{
	char text[512];
	int len = snprintf(text, sizeof text, "slate-init: %s: %s\n", c->s->unit->name, e->text);

	/* to the log even where the service's own output goes elsewhere */
	if (fd_write_full(c->s->log >= 0 ? c->s->log : STDERR_FILENO, text, (size_t)len) < 0 ||
	    (c->s->exec_pipe >= 0 && fd_write_full(c->s->exec_pipe, "", 1) < 0))
		_exit(c->status);
	_exit(c->status);
}

static void join_cgroup(int cgroup)
{
	struct err ignored;

	if (cgroup >= 0)
		fd_write_file(cgroup, "cgroup.procs", "0", 1, &ignored);
}

_Noreturn void child_run(const struct spawn *s, bool joined)
{
	struct child c = { .s = s, .config = &s->unit->service->exec_config, .memory = s->memory };
	struct err e = { 0 };

	if (!joined)
		join_cgroup(s->cgroup);
	c.env = &c.memory->env;
	if (!(s->command->flags & EXEC_FULL_PRIVILEGES))
		c.box = c.config->sandbox;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (steps[i].walls && !c.box)
			continue;
		c.status = steps[i].status;
		if (steps[i].run(&c, &e) < 0)
			break;
	}
	/* "-/usr/bin/tool": a tool that is not there is no failure */
	if (c.status == CHILD_EXEC && errno == ENOENT &&
	    (s->command->flags & EXEC_IGNORE_FAILURE) && s->phase != PHASE_START)
		_exit(0);
	give_up(&c, &e);
}
