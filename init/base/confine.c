#include "confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/cdrom.h>
#include <linux/fs.h>
#include <linux/landlock.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seccomp.h"

#define CAP_BIT(cap) (1u << (cap))
#define KEPT (CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_IPC_LOCK))
/* CAP_SYS_ADMIN is for attributes of security modules and of the overlay. */
#define KEPT_WRITING                                                                             \
	(KEPT | CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_FOWNER) |           \
	 CAP_BIT(CAP_FSETID) | CAP_BIT(CAP_SETFCAP) | CAP_BIT(CAP_SYS_ADMIN))

/* Rights of the first version of Landlock that change something. Without a rule that
 * allows them somewhere they are gone; to read needs none of them. */
#define CHANGES                                                                                  \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                            \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |                        \
	 LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                            \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
#define MAKES_TREES                                                                              \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                         \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                          \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_FIFO |                            \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

static const unsigned short reading[] = {
	/* what is open */
	SYS_read, SYS_pread64, SYS_readv, SYS_write, SYS_writev, SYS_lseek, SYS_close, SYS_fcntl,
	SYS_pwrite64, SYS_fdatasync, SYS_fadvise64, SYS_fstat, SYS_fstatfs, SYS_getdents64, SYS_fgetxattr, SYS_flistxattr,
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

static const unsigned short writing[] = {
	SYS_ftruncate, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat,
	SYS_mkdirat, SYS_mknodat, SYS_symlinkat, SYS_linkat, SYS_unlinkat, SYS_renameat2,
	SYS_fsetxattr, SYS_setxattr, SYS_lsetxattr, SYS_fremovexattr, SYS_removexattr,
	SYS_lremovexattr,
#if defined(__x86_64__)
	SYS_renameat,
#endif
};

/* What libblkid asks of a device: sizes, and what is in a drive. */
static const unsigned asking[] = {
	BLKGETSIZE64, BLKSSZGET, BLKPBSZGET, BLKROGET, CDROM_GET_CAPABILITY,
	CDROM_DRIVE_STATUS, CDROM_LAST_WRITTEN, CDROMMULTISESSION,
};

#define COUNT(list) (sizeof(list) / sizeof *(list))
enum { PIECES_MAX = 2 * (COUNT(reading) + COUNT(writing) + COUNT(asking)) + 10 };

static int drop_capabilities(unsigned kept)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct now[2];

	for (int cap = 0; cap <= 63; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (syscall(SYS_capget, &head, now) < 0)
		return 0;
	now[0].effective = now[0].permitted &= kept;
	now[1].effective = now[1].permitted = 0;
	now[0].inheritable = now[1].inheritable = 0;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, now) == 0;
}

/* tree: where files may change; -1: nowhere. */
static int keep_files(int tree)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = CHANGES };
	struct landlock_path_beneath_attr below = { .allowed_access = MAKES_TREES,
		                                    .parent_fd = tree };
	int fd, result;

	if (tree >= 0) {
		if (syscall(SYS_landlock_create_ruleset, NULL, 0,
		            LANDLOCK_CREATE_RULESET_VERSION) < 2)
			return 0;
		attr.handled_access_fs |= LANDLOCK_ACCESS_FS_REFER;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
	if (fd < 0)
		return 0;
	result = tree < 0 ? 0
	                  : (int)syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH,
	                                 &below, 0);
	if (result == 0)
		result = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	close(fd);
	return result == 0;
}

static void allow_calls(struct seccomp *p, const unsigned short *calls, size_t n)
{
	for (size_t i = 0; i < n; i++)
		seccomp_return_if(p, calls[i], SECCOMP_RET_ALLOW);
}

static int filter_calls(bool writes)
{
	struct sock_filter code[PIECES_MAX];
	struct seccomp p = { .code = code, .room = PIECES_MAX };

	if (!seccomp_begin(&p))
		return 0;
	if (writes)
		allow_calls(&p, writing, COUNT(writing));
	allow_calls(&p, reading, COUNT(reading));
	seccomp_test(&p, BPF_JEQ, SYS_ioctl, 1, 0);
	seccomp_return(&p, SECCOMP_RET_ERRNO | EPERM);
	seccomp_argument(&p, 1);
	for (size_t i = 0; i < COUNT(asking); i++)
		seccomp_return_if(&p, asking[i], SECCOMP_RET_ALLOW);
	seccomp_return(&p, SECCOMP_RET_ERRNO | EPERM);
	return seccomp_install(&p) == 0;
}

static int confine(int tree, unsigned capabilities)
{
	int walls = drop_capabilities(capabilities);

	/* the other two ask for it */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return walls;
	walls += keep_files(tree);
	return walls + filter_calls(tree >= 0);
}

int confine_reader(void)
{
	return confine(-1, KEPT);
}

int confine_writer(int tree)
{
	return confine(tree, KEPT_WRITING);
}
