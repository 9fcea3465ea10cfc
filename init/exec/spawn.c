#include "spawn.h"

#include <errno.h>
#include <linux/sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../unit/sandbox.h"
#include "child.h"

/* A copy of PID 1, not vfork's loan of its memory: the child may wait for a
 * terminal or a slow medium, and PID 1 must not wait with it. The process starts
 * inside its control group: moving it there later would stall every fork of the
 * machine for milliseconds. */
static pid_t clone_into(int cgroup, uint64_t flags)
{
	struct clone_args args = { .exit_signal = SIGCHLD, .flags = flags };

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof args);
}

pid_t spawn_copy(int cgroup)
{
	pid_t pid = clone_into(cgroup, 0);
	sigset_t none;

	if (pid < 0)
		pid = fork();
	if (pid == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
	}
	return pid;
}

/* The first process of a name space is born in it. */
static uint64_t spaces_of(const struct spawn *s)
{
	const struct sandbox *box = s->unit->service->exec_config.sandbox;

	return box && box->private_pids && !(s->command->flags & EXEC_FULL_PRIVILEGES) ? CLONE_NEWPID
	                                                                               : 0;
}

pid_t spawn_process(const struct spawn *s)
{
	bool joined = s->cgroup >= 0;
	pid_t pid = clone_into(s->cgroup, spaces_of(s));

	/* a seccomp filter of a container may know no clone3; what needs one fails then by itself */
	if (pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL)) {
		joined = false;
		pid = fork();
	}
	if (pid == 0)
		child_run(s, joined);
	return pid;
}

const char *spawn_status_name(int status)
{
	switch (status) {
	case CHILD_CHDIR: return "CHDIR";
	case CHILD_NICE: return "NICE";
	case CHILD_FDS: return "FDS";
	case CHILD_EXEC: return "EXEC";
	case CHILD_MEMORY: return "MEMORY";
	case CHILD_LIMITS: return "LIMITS";
	case CHILD_OOM: return "OOM_ADJUST";
	case CHILD_STDIN: return "STDIN";
	case CHILD_STDOUT: return "STDOUT";
	case CHILD_IOPRIO: return "IOPRIO";
	case CHILD_SCHED: return "SETSCHEDULER";
	case CHILD_CPUS: return "CPUAFFINITY";
	case CHILD_GROUP: return "GROUP";
	case CHILD_USER: return "USER";
	case CHILD_CAPABILITIES: return "CAPABILITIES";
	case CHILD_CGROUP: return "CGROUP";
	case CHILD_SETSID: return "SETSID";
	case CHILD_STDERR: return "STDERR";
	case CHILD_NETWORK: return "NETWORK";
	case CHILD_NAMESPACE: return "NAMESPACE";
	case CHILD_NO_NEW_PRIVS: return "NO_NEW_PRIVILEGES";
	case CHILD_SECCOMP: return "SECCOMP";
	case CHILD_RUNTIME_DIR: return "RUNTIME_DIRECTORY";
	case CHILD_KEYRING: return "KEYRING";
	case CHILD_STATE_DIR: return "STATE_DIRECTORY";
	case CHILD_CACHE_DIR: return "CACHE_DIRECTORY";
	case CHILD_LOGS_DIR: return "LOGS_DIRECTORY";
	case CHILD_CONFIGURATION_DIR: return "CONFIGURATION_DIRECTORY";
	}
	return NULL;
}
