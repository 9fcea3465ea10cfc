#include "confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

#define CAP_BIT(cap) (1u << (cap))
#define KEPT (CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_IPC_LOCK))

/* Rights of the first version of Landlock that change something. Without a rule that
 * allows them anywhere they are gone; to read needs none of them. */
#define CHANGES                                                                                  \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                            \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                        \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

static const unsigned short calls[] = {
	/* what is open */
	SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_writev, SYS_lseek, SYS_close, SYS_fcntl,
	SYS_fadvise64, SYS_fstat, SYS_fstatfs, SYS_getdents64, SYS_fgetxattr, SYS_flistxattr,
	SYS_dup, SYS_dup3,
	/* what is to be read */
	SYS_openat, SYS_openat2, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_readlinkat,
	SYS_faccessat, SYS_getxattr, SYS_lgetxattr, SYS_listxattr, SYS_llistxattr,
#if defined(__x86_64__)
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_dup2, SYS_time,
#endif
	/* memory */
	SYS_brk, SYS_mmap, SYS_munmap, SYS_mremap, SYS_mprotect, SYS_madvise, SYS_mlock,
	SYS_munlock, SYS_mlock2, SYS_mlockall,
	/* itself */
	SYS_exit, SYS_exit_group, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_sigaltstack, SYS_restart_syscall, SYS_futex, SYS_getpid, SYS_gettid, SYS_tkill,
	SYS_tgkill, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_umask, SYS_prctl,
	SYS_prlimit64, SYS_sched_yield, SYS_getrandom, SYS_clock_gettime, SYS_gettimeofday,
	SYS_nanosleep, SYS_clock_nanosleep,
};

enum { CALLS = sizeof calls / sizeof *calls };

static int drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2];

	for (int cap = 0; cap <= 63; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capget, &head, now) < 0)
		return 0;
	now[0].effective = now[0].permitted &= KEPT;
	now[1].effective = now[1].permitted = 0;
	now[0].inheritable = now[1].inheritable = 0;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, now) == 0;
}

static int change_no_file(void)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = CHANGES };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	int result;

	if (fd < 0)
		return 0;
	result = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
	close(fd);
	return result;
}

static int filter_calls(void)
{
#ifdef MACHINE
	struct sock_filter code[CALLS + 6] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		/* the numbers of x32 have a high bit, so that none of them is in the list */
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	unsigned n = 4;

	for (unsigned i = 0; i < CALLS; i++)
		code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i],
		                                         (unsigned char)(CALLS - i), 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);

	struct sock_fprog program = { .len = (unsigned short)n, .filter = code };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
#else
	return 0;
#endif
}

int confine_reader(void)
{
	int walls = drop_capabilities();

	/* the other two ask for it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return walls;
	walls += change_no_file();
	return walls + filter_calls();
}
