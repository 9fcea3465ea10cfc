/* What a unit's lines make of each system call, by running the filter that they become. */
#include "../unit/tree.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "../../../init/exec/callfilter.h"
#include "../../../init/unit/calls.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#else
#define MACHINE AUDIT_ARCH_AARCH64
#endif

enum { ALLOW = -1, KILL = -2 };

/* seccomp(2), "filter": as the kernel would run it. */
static int run(const struct seccomp *f, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (unsigned at = 0;; at++) {
		const struct sock_filter *code = &f->code[at];
		bool holds = false;

		assert_true(at < f->n);
		switch (code->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(code->k + 4 <= sizeof *data);
			memcpy(&a, (const char *)data + code->k, 4);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= code->k;
			continue;
		case BPF_JMP | BPF_JA:
			at += code->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			holds = a == code->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			holds = a >= code->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			holds = a & code->k;
			break;
		case BPF_RET | BPF_K:
			if (code->k == SECCOMP_RET_ALLOW)
				return ALLOW;
			if (code->k == SECCOMP_RET_KILL_PROCESS)
				return KILL;
			assert_int_equal(code->k & SECCOMP_RET_ACTION_FULL, SECCOMP_RET_ERRNO);
			return (int)(code->k & SECCOMP_RET_DATA);
		default:
			fail_msg("piece %u is none that seccomp knows", at);
		}
		at += holds ? code->jt : code->jf;
	}
}

static struct seccomp filter_of(const char *lines)
{
	static struct sock_filter code[CALLFILTER_ROOM];
	struct seccomp f = { .code = code, .room = CALLFILTER_ROOM };
	char text[1024];
	struct tree t;
	struct unit_set *set;
	const struct unit *u;

	tree_make(&t);
	tree_base(&t);
	snprintf(text, sizeof text, "[Service]\nExecStart=/bin/x\n%s\n", lines);
	tree_file(&t, LIB "x.service", text);
	set = tree_load(&t, "x.service");
	u = tree_unit(set, "x.service");
	if (u->load != LOAD_LOADED)
		fail_msg("%s: %s", lines, u->reason);
	assert_true(callfilter_make(&f, u->service->exec_config.sandbox, 0));
	unit_set_free(set);
	tree_remove(&t);
	return f;
}

static const struct {
	const char *lines;
	int call;
	uint64_t arg[4];
	int answer;
} cases[] = {
	/* lists of calls */
	{ "SystemCallFilter=read", SYS_read, { 0 }, ALLOW },
	{ "SystemCallFilter=read", SYS_execve, { 0 }, ALLOW },
	{ "SystemCallFilter=read", SYS_write, { 0 }, KILL },
	{ "SystemCallFilter=read", 500, { 0 }, ENOSYS },
	{ "SystemCallFilter=read\nSystemCallErrorNumber=EPERM", SYS_write, { 0 }, EPERM },
	{ "SystemCallErrorNumber=13\nSystemCallFilter=read", SYS_write, { 0 }, EACCES },
	{ "SystemCallFilter=read write:EBUSY", SYS_write, { 0 }, EBUSY },
	{ "SystemCallFilter=@system-service", SYS_openat, { 0 }, ALLOW },
	{ "SystemCallFilter=@system-service", SYS_mount, { 0 }, KILL },
	{ "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources", SYS_fchown,
	  { 0 }, KILL },
	{ "SystemCallFilter=@system-service\nSystemCallFilter=~ @privileged", SYS_openat, { 0 },
	  ALLOW },
	{ "SystemCallFilter=~@mount\nSystemCallFilter=umount2", SYS_umount2, { 0 }, ALLOW },
	{ "SystemCallFilter=~@mount", SYS_mount, { 0 }, KILL },
	{ "SystemCallFilter=~@mount", SYS_read, { 0 }, ALLOW },
	{ "SystemCallFilter=~@mount", 500, { 0 }, ALLOW },
	{ "SystemCallFilter=~mount:EROFS", SYS_mount, { 0 }, EROFS },
	{ "SystemCallErrorNumber=EPERM\nSystemCallFilter=~mount:kill", SYS_mount, { 0 }, KILL },
	{ "SystemCallFilter=@known", SYS_reboot, { 0 }, ALLOW },
	{ "SystemCallFilter=~@mount\nSystemCallFilter=\nSystemCallArchitectures=native", SYS_mount,
	  { 0 }, ALLOW },
	/* namespaces */
	{ "RestrictNamespaces=yes", SYS_unshare, { CLONE_NEWNS }, EPERM },
	{ "RestrictNamespaces=yes", SYS_unshare, { CLONE_FILES }, ALLOW },
	{ "RestrictNamespaces=yes", SYS_clone, { CLONE_NEWUSER | SIGCHLD }, EPERM },
	{ "RestrictNamespaces=yes", SYS_clone, { CLONE_VM | CLONE_THREAD | 0xff }, ALLOW },
	{ "RestrictNamespaces=yes", SYS_clone3, { 0 }, ENOSYS },
	{ "RestrictNamespaces=yes", SYS_setns, { 3, 0 }, EPERM },
	{ "RestrictNamespaces=net ipc", SYS_setns, { 3, CLONE_NEWNET }, ALLOW },
	{ "RestrictNamespaces=net ipc", SYS_setns, { 3, CLONE_NEWPID }, EPERM },
	{ "RestrictNamespaces=net ipc", SYS_setns, { 3, 0 }, EPERM },
	{ "RestrictNamespaces=net\nRestrictNamespaces=ipc", SYS_unshare, { CLONE_NEWIPC }, ALLOW },
	{ "RestrictNamespaces=~user", SYS_unshare, { CLONE_NEWUSER }, EPERM },
	{ "RestrictNamespaces=~user", SYS_unshare, { CLONE_NEWNET }, ALLOW },
	/* families */
	{ "RestrictAddressFamilies=AF_UNIX AF_INET", SYS_socket, { AF_INET }, ALLOW },
	{ "RestrictAddressFamilies=AF_UNIX AF_INET", SYS_socket, { AF_INET6 }, EAFNOSUPPORT },
	{ "RestrictAddressFamilies=AF_UNIX", SYS_socket, { AF_UNIX | UINT64_C(1) << 32 }, ALLOW },
	{ "RestrictAddressFamilies=AF_UNIX", SYS_socket, { 200 }, EAFNOSUPPORT },
	{ "RestrictAddressFamilies=~AF_PACKET", SYS_socket, { AF_PACKET }, EAFNOSUPPORT },
	{ "RestrictAddressFamilies=~AF_PACKET", SYS_socket, { AF_UNIX }, ALLOW },
	{ "RestrictAddressFamilies=~AF_PACKET AF_UNIX\nRestrictAddressFamilies=AF_UNIX", SYS_socket,
	  { AF_UNIX }, ALLOW },
	{ "RestrictAddressFamilies=none", SYS_socket, { AF_UNIX }, EAFNOSUPPORT },
	{ "RestrictAddressFamilies=none", SYS_io_uring_setup, { 0 }, ENOSYS },
	/* arguments */
	{ "MemoryDenyWriteExecute=yes", SYS_mmap, { 0, 1, PROT_WRITE | PROT_EXEC }, EPERM },
	{ "MemoryDenyWriteExecute=yes", SYS_mmap, { 0, 1, PROT_READ | PROT_EXEC }, ALLOW },
	{ "MemoryDenyWriteExecute=yes", SYS_mmap, { 0, 1, PROT_READ | PROT_WRITE }, ALLOW },
	{ "MemoryDenyWriteExecute=yes", SYS_mprotect, { 0, 1, PROT_READ | PROT_EXEC }, EPERM },
	{ "MemoryDenyWriteExecute=yes", SYS_mprotect, { 0, 1, PROT_READ }, ALLOW },
	{ "MemoryDenyWriteExecute=yes", SYS_pkey_mprotect, { 0, 1, PROT_EXEC }, EPERM },
	{ "MemoryDenyWriteExecute=yes", SYS_shmat, { 0, 0, SHM_EXEC }, EPERM },
	{ "RestrictRealtime=yes", SYS_sched_setscheduler, { 0, SCHED_FIFO }, EPERM },
	{ "RestrictRealtime=yes", SYS_sched_setscheduler, { 0, SCHED_RR | 0x40000000 }, EPERM },
	{ "RestrictRealtime=yes", SYS_sched_setscheduler, { 0, SCHED_BATCH }, ALLOW },
	{ "RestrictRealtime=yes", SYS_sched_setscheduler, { 0, SCHED_IDLE | 0x40000000 }, ALLOW },
	{ "RestrictRealtime=yes", SYS_sched_setscheduler, { 0, 6 }, EPERM },
	{ "RestrictRealtime=yes", SYS_sched_setattr, { 0 }, EPERM },
	{ "RestrictSUIDSGID=yes", SYS_fchmodat, { 0, 0, 04755 }, EPERM },
	{ "RestrictSUIDSGID=yes", SYS_fchmodat, { 0, 0, 01755 }, ALLOW },
	{ "RestrictSUIDSGID=yes", SYS_openat, { 0, 0, O_CREAT | O_WRONLY, 02644 }, EPERM },
	{ "RestrictSUIDSGID=yes", SYS_openat, { 0, 0, O_TMPFILE | O_WRONLY, 04644 }, EPERM },
	{ "RestrictSUIDSGID=yes", SYS_openat, { 0, 0, O_CREAT | O_WRONLY, 0644 }, ALLOW },
	{ "RestrictSUIDSGID=yes", SYS_openat, { 0, 0, O_DIRECTORY, 04644 }, ALLOW },
	{ "RestrictSUIDSGID=yes", SYS_openat2, { 0 }, ENOSYS },
	{ "RestrictSUIDSGID=yes", 452, { 0, 0, 02000 }, EPERM },
	{ "LockPersonality=yes", SYS_personality, { 0 }, ALLOW },
	{ "LockPersonality=yes", SYS_personality, { 0xffffffff }, ALLOW },
	{ "LockPersonality=yes", SYS_personality, { 0x0400000 }, EPERM },
	{ "ProtectClock=yes", SYS_clock_settime, { 0 }, EPERM },
	{ "ProtectClock=yes", SYS_clock_gettime, { 0 }, ALLOW },
	{ "ProtectKernelModules=yes", SYS_finit_module, { 0 }, EPERM },
	{ "ProtectKernelLogs=yes", SYS_syslog, { 0 }, EPERM },
	{ "ProtectHostname=yes", SYS_sethostname, { 0 }, EPERM },
	/* together: what one denies no other allows */
	{ "SystemCallFilter=~socket\nRestrictAddressFamilies=AF_UNIX", SYS_socket, { AF_UNIX }, KILL },
	{ "SystemCallFilter=@system-service\nRestrictNamespaces=yes", SYS_unshare, { CLONE_NEWNS },
	  EPERM },
	{ "SystemCallFilter=@system-service\nProtectClock=yes", SYS_clock_settime, { 0 }, KILL },
};

static void each_call_has_the_answer_that_the_lines_give(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct seccomp_data data = { .nr = cases[i].call, .arch = MACHINE };
		struct seccomp f = filter_of(cases[i].lines);
		int answer;

		memcpy(data.args, cases[i].arg, sizeof cases[i].arg);
		answer = run(&f, &data);
		if (answer != cases[i].answer)
			fail_msg("%s: call %d: %d instead of %d", cases[i].lines, cases[i].call, answer,
			         cases[i].answer);
	}
}

static void no_call_of_another_machine_gets_through(void **state)
{
	struct seccomp f = filter_of("SystemCallArchitectures=native");

	(void)state;
	for (int nr = 0; nr < CALL_NUMBERS; nr++) {
		struct seccomp_data data = { .nr = nr, .arch = MACHINE };

		assert_int_equal(run(&f, &data), ALLOW);
		data.arch = AUDIT_ARCH_I386;
		assert_int_equal(run(&f, &data), KILL);
#if defined(__x86_64__)
		data.arch = MACHINE;
		data.nr |= 0x40000000;
		assert_int_equal(run(&f, &data), ENOSYS);
#endif
	}
}

static void who_asks_for_nothing_has_no_filter(void **state)
{
	struct seccomp f = filter_of("LockPersonality=no\nSystemCallErrorNumber=EPERM\n"
	                             "CapabilityBoundingSet=CAP_CHOWN");

	(void)state;
	assert_int_equal(f.n, 0);
}

static void all_at_once_fits(void **state)
{
	struct seccomp f = filter_of(
		"SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources @pkey\n"
		"RestrictAddressFamilies=~AF_PACKET AF_INET AF_INET6 AF_NETLINK\n"
		"RestrictNamespaces=net\nMemoryDenyWriteExecute=yes\nRestrictRealtime=yes\n"
		"RestrictSUIDSGID=yes\nLockPersonality=yes\nProtectClock=yes\nProtectHostname=yes\n"
		"ProtectKernelLogs=yes\nProtectKernelModules=yes");

	(void)state;
	assert_in_range(f.n, 100, 900);
}

static void no_call_stands_twice(void **state)
{
	const struct call_row *row, *other;

	(void)state;
	for (unsigned i = 0; (row = calls_row(i)); i++) {
		assert_true(row->number < CALL_NUMBERS);
		assert_ptr_equal(calls_find(span_of(row->name)), row);
		assert_false(calls_is_foreign(span_of(row->name)));
		for (unsigned k = i + 1; (other = calls_row(k)); k++)
			assert_int_not_equal(row->number, other->number);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_has_the_answer_that_the_lines_give),
		cmocka_unit_test(no_call_of_another_machine_gets_through),
		cmocka_unit_test(who_asks_for_nothing_has_no_filter),
		cmocka_unit_test(all_at_once_fits),
		cmocka_unit_test(no_call_stands_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
