#include "calls_groups.h"

#include <string.h>

static const struct {
	char name[16];
	uint32_t groups;
} groups[] = {
	{ "@default", DEFAULT | SANDBOX },
	{ "@aio", AIO },
	{ "@basic-io", BASIC_IO },
	{ "@chown", CHOWN },
	{ "@clock", CLOCK },
	{ "@cpu-emulation", CPU_EMULATION },
	{ "@debug", DEBUG },
	{ "@file-system", FILE_SYSTEM },
	{ "@io-event", IO_EVENT },
	{ "@ipc", IPC },
	{ "@keyring", KEYRING },
	{ "@memlock", MEMLOCK },
	{ "@module", MODULE },
	{ "@mount", MOUNT },
	{ "@network-io", NETWORK_IO },
	{ "@obsolete", OBSOLETE },
	{ "@pkey", PKEY },
	{ "@privileged", PRIVILEGED | CHOWN | CLOCK | MODULE | RAW_IO | REBOOT | SWAP },
	{ "@process", PROCESS },
	{ "@raw-io", RAW_IO },
	{ "@reboot", REBOOT },
	{ "@resources", RESOURCES },
	{ "@sandbox", SANDBOX },
	{ "@setuid", SETUID },
	{ "@signal", SIGNAL },
	{ "@swap", SWAP },
	{ "@sync", SYNC },
	{ "@system-service", SYSTEM_SERVICE | AIO | BASIC_IO | CHOWN | DEFAULT | FILE_SYSTEM |
	                             IO_EVENT | IPC | KEYRING | MEMLOCK | NETWORK_IO | PROCESS |
	                             RESOURCES | SANDBOX | SETUID | SIGNAL | SYNC | TIMER },
	{ "@timer", TIMER },
	{ "@known", KNOWN },
};

/* Calls of other machines: a list that denies one denies nothing here. */
static const char foreign[] =
	"_llseek _newselect arc_gettls arc_settls arc_usr_cmpxchg arm_fadvise64_64 "
	"atomic_barrier atomic_cmpxchg_32 bdflush break breakpoint cachectl cacheflush "
	"chown32 clock_adjtime64 clock_getres_time64 clock_gettime64 "
	"clock_nanosleep_time64 clock_settime64 fadvise64_64 fchown32 fcntl64 fstat64 "
	"fstatat64 fstatfs64 ftime ftruncate64 futex_time64 getegid32 geteuid32 getgid32 "
	"getgroups32 getresgid32 getresuid32 getuid32 getxgid getxpid getxuid gtty idle "
	"io_pgetevents_time64 ipc kern_features lchown32 lock lstat64 memory_ordering "
	"mmap2 mpx mq_timedreceive_time64 mq_timedsend_time64 multiplexer nice oldfstat "
	"oldlstat oldolduname oldstat oldumount olduname or1k_atomic pciconfig_iobase "
	"pciconfig_read pciconfig_write ppoll_time64 prof profil pselect6_time64 readdir "
	"recv recvmmsg_time64 riscv_flush_icache riscv_hwprobe rt_sigtimedwait_time64 rtas "
	"s390_guarded_storage s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr "
	"s390_sthyi sched_rr_get_interval_time64 semtimedop_time64 send sendfile64 set_tls "
	"setfsgid32 setfsuid32 setgid32 setgroups32 setregid32 setresgid32 setresuid32 "
	"setreuid32 setuid32 sgetmask sigaction signal sigpending sigprocmask sigreturn "
	"sigsuspend socketcall spu_create spu_run ssetmask stat64 statfs64 stime stty "
	"subpage_prot swapcontext switch_endian sync_file_range2 sys_debug_setcontext "
	"sysmips timer_gettime64 timer_settime64 timerfd_gettime64 timerfd_settime64 "
	"truncate64 ugetrlimit ulimit umount utimensat_time64 utrap_install vm86 vm86old "
	"waitpid "
#if !defined(__x86_64__)
	"_sysctl access afs_syscall alarm arch_prctl chmod chown creat create_module dup2 "
	"epoll_create epoll_ctl_old epoll_wait epoll_wait_old eventfd fork futimesat "
	"get_kernel_syms get_thread_area getdents getpgrp getpmsg inotify_init ioperm iopl "
	"lchown link lstat mkdir mknod modify_ldt open pause pipe poll putpmsg "
	"query_module readlink rename rmdir security select set_thread_area signalfd stat "
	"symlink sysfs time tuxcall unlink uretprobe uselib ustat utime utimes vfork "
	"vserver "
#endif
	;

bool calls_is_member(const struct call_row *row, uint32_t groups_asked)
{
	return (row->groups | KNOWN) & groups_asked;
}

const struct call_row *calls_row(unsigned i)
{
	return i < calls_rows_n ? &calls_rows[i] : NULL;
}

const struct call_row *calls_find(struct span name)
{
	for (unsigned i = 0; i < calls_rows_n; i++)
		if (span_is(name, calls_rows[i].name))
			return &calls_rows[i];
	return NULL;
}

bool calls_is_foreign(struct span name)
{
	struct span left = span_of(foreign), word;

	while (span_word(&left, " ", &word))
		if (word.len == name.len && memcmp(word.at, name.at, name.len) == 0)
			return true;
	return false;
}

uint32_t calls_group(struct span name)
{
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		if (span_is(name, groups[i].name))
			return groups[i].groups;
	return 0;
}

unsigned calls_end(void)
{
	unsigned end = 0;

	for (unsigned i = 0; i < calls_rows_n; i++)
		if (calls_rows[i].number >= end)
			end = calls_rows[i].number + 1u;
	return end;
}
