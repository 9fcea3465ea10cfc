#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../unit/sandbox.h"
#include "child.h"

/* Root and the unit's own are who they are; all others are nobody. */
static int write_map(pid_t pid, const char *file, unsigned id)
{
	static const char root[] = "0 0 1\n";
	char path[64], map[64];
	const char *text = root;
	size_t len = sizeof root - 1;
	struct err ignored;

	if (id) {
		len = (size_t)snprintf(map, sizeof map, "%s%u %u 1\n", root, id, id);
		text = map;
	}
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	return fd_write_file(AT_FDCWD, path, text, len, &ignored) < 0 ? errno : 0;
}

/* Only who stays outside may write more than one line. Exits with an error's number. */
static _Noreturn void help(const struct child *c, pid_t pid, int start)
{
	char byte;
	int failed;

	if (read(start, &byte, 1) != 1)
		_exit(ECANCELED);
	failed = write_map(pid, "uid_map", c->has_user ? (unsigned)c->account.uid : 0);
	_exit(failed ? failed : write_map(pid, "gid_map", (unsigned)c->gid));
}

static int enter(pid_t helper, int start, struct err *e)
{
	int status = 0;

	if (unshare(CLONE_NEWUSER) < 0)
		return err_sys(e, "PrivateUsers=: a name space of its own for users");
	if (fd_write_full(start, "", 1) < 0)
		return err_sys(e, "PrivateUsers=");
	while (waitpid(helper, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, "PrivateUsers=");
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
	return errno ? err_sys(e, "PrivateUsers=: write the map of users") : 0;
}

int child_users(struct child *c, struct err *e)
{
	pid_t pid = getpid(), helper;
	int ends[2], result;

	if (!c->box->private_users)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_sys(e, "PrivateUsers=");
	helper = fork();
	if (helper < 0)
		return err_sys(e, "PrivateUsers=: fork");
	if (helper == 0) {
		close(ends[1]);
		help(c, pid, ends[0]);
	}
	close(ends[0]);
	result = enter(helper, ends[1], e);
	close(ends[1]);
	return result;
}
