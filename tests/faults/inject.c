/* inject: makes one system call of a program and its children fail.
 *
 *     inject ROOT PROCESS CALL FAULT REPORT COMMAND ARGUMENT…
 *
 * COMMAND runs in ROOT (chroot). PROCESS 0 is itself, 1 its first child and so
 * on; CALL counts from 1, in that process alone, from its exec or fork. FAULT is
 *
 *     none    nothing fails: for the list of calls
 *     kill    SIGKILL instead of the call
 *     short   a read or write of half of what was asked for
 *     lost    a write that claims success and does nothing
 *     5, …    the call does nothing (but close, which closes) and fails with that errno
 *
 * REPORT gets a line "PROCESS CALL NUMBER FIRST-ARGUMENT" for each call (none), or
 * for the one that failed. The exit status is COMMAND's, or 128 and its signal;
 * 125 where this program itself could not go on. x86-64 only: registers.  */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TRACEES_MAX = 64, BROKEN = 125 };

enum fault { FAULT_ERRNO, FAULT_NONE, FAULT_KILL, FAULT_SHORT, FAULT_LOST };

struct tracee {
	pid_t pid;
	unsigned calls;
	bool inside;   /* between a call's entry and its exit */
	bool replaced; /* `result` is what this call returns */
	long long result;
	bool started; /* its first stop was seen */
	bool counted; /* COMMAND itself: from its exec on */
};

struct injection {
	int process;
	unsigned call;
	enum fault fault;
	int code; /* of FAULT_ERRNO */
	FILE *report;
	struct tracee tracees[TRACEES_MAX]; /* by PROCESS */
	int n;
};

static void broken(const char *what)
{
	perror(what);
	exit(BROKEN);
}

static struct tracee *tracee_of(struct injection *i, pid_t pid)
{
	for (int at = 0; at < i->n; at++)
		if (i->tracees[at].pid == pid)
			return &i->tracees[at];
	if (i->n == TRACEES_MAX)
		broken("too many processes");
	i->tracees[i->n] = (struct tracee){ .pid = pid, .counted = i->n > 0 };
	return &i->tracees[i->n++];
}

static bool moves_bytes(unsigned long long number, bool writes_only)
{
	return number == SYS_write || number == SYS_pwrite64 ||
	       (!writes_only && (number == SYS_read || number == SYS_pread64));
}

/* Instead of the call the kernel is asked for number -1, which does nothing. */
static void replace(struct tracee *t, struct user_regs_struct *regs, long long result)
{
	t->replaced = true;
	t->result = result;
	regs->orig_rax = (unsigned long long)-1;
}

static void strike(struct injection *i, struct tracee *t, struct user_regs_struct *regs)
{
	switch (i->fault) {
	case FAULT_NONE:
		return;
	case FAULT_KILL:
		kill(t->pid, SIGKILL);
		return;
	case FAULT_SHORT:
		if (moves_bytes(regs->orig_rax, false) && regs->rdx > 1)
			regs->rdx /= 2;
		return;
	case FAULT_LOST:
		if (moves_bytes(regs->orig_rax, true))
			replace(t, regs, (long long)regs->rdx);
		return;
	case FAULT_ERRNO:
		/* the kernel lets the descriptor go, whatever it says */
		if (regs->orig_rax == SYS_close) {
			t->replaced = true;
			t->result = -i->code;
			return;
		}
		replace(t, regs, -i->code);
		return;
	}
}

static void enter(struct injection *i, struct tracee *t)
{
	struct user_regs_struct regs;
	int process = (int)(t - i->tracees);
	bool here = process == i->process && t->calls + 1 == i->call;

	if (!t->counted)
		return;
	t->calls++;
	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return;
	if (i->fault == FAULT_NONE || here)
		fprintf(i->report, "%d %u %llu %lld\n", process, t->calls, regs.orig_rax,
		        (long long)regs.rdi);
	if (!here)
		return;
	strike(i, t, &regs);
	ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
}

static void leave(struct tracee *t)
{
	struct user_regs_struct regs;

	if (!t->replaced || ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) < 0)
		return;
	regs.rax = (unsigned long long)t->result;
	ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
	t->replaced = false;
}

/* Returns the signal that the process goes on with. */
static int stopped(struct injection *i, struct tracee *t, int status)
{
	int what = WSTOPSIG(status);
	bool first = !t->started;

	t->started = true;
	if (what == (SIGTRAP | 0x80)) {
		t->inside = !t->inside;
		if (t->inside)
			enter(i, t);
		else
			leave(t);
		return 0;
	}
	if (status >> 16 == PTRACE_EVENT_EXEC)
		t->counted = true;
	return status >> 16 || (first && what == SIGSTOP) ? 0 : what;
}

static pid_t start(const char *root, char **command)
{
	pid_t pid = fork();

	if (pid < 0)
		broken("fork");
	if (pid > 0)
		return pid;
	if (chroot(root) < 0 || chdir("/") < 0)
		broken(root);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execv(command[0], command);
	broken(command[0]);
	return -1;
}

static int trace(struct injection *i, pid_t first)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
	                     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
	int status, result = BROKEN;
	pid_t pid;

	if (waitpid(first, &status, 0) != first || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, first, NULL, options) < 0)
		broken("ptrace");
	tracee_of(i, first)->started = true;
	ptrace(PTRACE_SYSCALL, first, NULL, NULL);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		struct tracee *t = tracee_of(i, pid);

		if (WIFSTOPPED(status)) {
			int with = stopped(i, t, status);

			ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)with);
		} else if (pid == first) {
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
	return result;
}

static void read_fault(struct injection *i, const char *text)
{
	static const char *const names[] = {
		[FAULT_NONE] = "none", [FAULT_KILL] = "kill",
		[FAULT_SHORT] = "short", [FAULT_LOST] = "lost",
	};

	for (int f = FAULT_NONE; f <= FAULT_LOST; f++)
		if (strcmp(text, names[f]) == 0)
			i->fault = (enum fault)f;
	if (i->fault == FAULT_ERRNO)
		i->code = atoi(text);
}

int main(int argc, char **argv)
{
	static struct injection i;
	int result;

	if (argc < 7) {
		fprintf(stderr, "usage: inject ROOT PROCESS CALL FAULT REPORT COMMAND…\n");
		return BROKEN;
	}
	i.process = atoi(argv[2]);
	i.call = (unsigned)atoi(argv[3]);
	read_fault(&i, argv[4]);
	i.report = fopen(argv[5], "we");
	if (!i.report)
		broken(argv[5]);
	result = trace(&i, start(argv[1], argv + 6));
	return fclose(i.report) == 0 ? result : BROKEN;
}
