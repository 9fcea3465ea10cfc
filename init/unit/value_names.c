/* The names of signals and exit statuses, kept apart for their length. */
#include "value.h"

#include <signal.h>

static const char *const signals[] = {
	[SIGHUP] = "HUP",   [SIGINT] = "INT",     [SIGQUIT] = "QUIT", [SIGILL] = "ILL",
	[SIGTRAP] = "TRAP", [SIGABRT] = "ABRT",   [SIGBUS] = "BUS",   [SIGFPE] = "FPE",
	[SIGKILL] = "KILL", [SIGUSR1] = "USR1",   [SIGSEGV] = "SEGV", [SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE", [SIGALRM] = "ALRM",   [SIGTERM] = "TERM", [SIGCHLD] = "CHLD",
	[SIGCONT] = "CONT", [SIGSTOP] = "STOP",   [SIGTSTP] = "TSTP", [SIGTTIN] = "TTIN",
	[SIGTTOU] = "TTOU", [SIGURG] = "URG",     [SIGXCPU] = "XCPU", [SIGXFSZ] = "XFSZ",
	[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF", [SIGWINCH] = "WINCH", [SIGIO] = "IO",
	[SIGPWR] = "PWR",   [SIGSYS] = "SYS",
#ifdef SIGSTKFLT
	[SIGSTKFLT] = "STKFLT",
#endif
};

enum { SIGNALS = sizeof signals / sizeof *signals, REALTIME_FIRST = 34, REALTIME_LAST = 64 };

static bool realtime(struct span text, int *out)
{
	uint64_t n = 0;
	bool from_end = span_starts(text, "RTMAX");

	if (!from_end && !span_starts(text, "RTMIN"))
		return false;
	text = span_from(text, 5);
	if (text.len && (text.at[0] != (from_end ? '-' : '+') ||
	                 !span_uint(span_from(text, 1), REALTIME_LAST - REALTIME_FIRST, &n)))
		return false;
	*out = from_end ? REALTIME_LAST - (int)n : REALTIME_FIRST + (int)n;
	return true;
}

bool value_signal(struct span text, int *out)
{
	uint64_t n;

	if (span_uint(text, REALTIME_LAST, &n) && n > 0) {
		*out = (int)n;
		return true;
	}
	if (span_starts(text, "SIG"))
		text = span_from(text, 3);
	for (int i = 1; i < SIGNALS; i++)
		if (signals[i] && span_is(text, signals[i])) {
			*out = i;
			return true;
		}
	if (span_is(text, "POLL")) {
		*out = SIGIO;
		return true;
	}
	return realtime(text, out);
}

static const struct {
	int status;
	const char *name;
} statuses[] = {
	{ 0, "SUCCESS" },
	{ 1, "FAILURE" },
	{ 2, "INVALIDARGUMENT" },
	{ 3, "NOTIMPLEMENTED" },
	{ 4, "NOPERMISSION" },
	{ 5, "NOTINSTALLED" },
	{ 6, "NOTCONFIGURED" },
	{ 7, "NOTRUNNING" },
	{ 64, "USAGE" },
	{ 65, "DATAERR" },
	{ 66, "NOINPUT" },
	{ 67, "NOUSER" },
	{ 68, "NOHOST" },
	{ 69, "UNAVAILABLE" },
	{ 70, "SOFTWARE" },
	{ 71, "OSERR" },
	{ 72, "OSFILE" },
	{ 73, "CANTCREAT" },
	{ 74, "IOERR" },
	{ 75, "TEMPFAIL" },
	{ 76, "PROTOCOL" },
	{ 77, "NOPERM" },
	{ 78, "CONFIG" },
	{ 200, "CHDIR" },
	{ 201, "NICE" },
	{ 202, "FDS" },
	{ 203, "EXEC" },
	{ 204, "MEMORY" },
	{ 205, "LIMITS" },
	{ 206, "OOM_ADJUST" },
	{ 207, "SIGNAL_MASK" },
	{ 208, "STDIN" },
	{ 209, "STDOUT" },
	{ 210, "CHROOT" },
	{ 211, "IOPRIO" },
	{ 212, "TIMERSLACK" },
	{ 213, "SECUREBITS" },
	{ 214, "SETSCHEDULER" },
	{ 215, "CPUAFFINITY" },
	{ 216, "GROUP" },
	{ 217, "USER" },
	{ 218, "CAPABILITIES" },
	{ 219, "CGROUP" },
	{ 220, "SETSID" },
	{ 221, "CONFIRM" },
	{ 222, "STDERR" },
	{ 224, "PAM" },
	{ 225, "NETWORK" },
	{ 226, "NAMESPACE" },
	{ 227, "NO_NEW_PRIVILEGES" },
	{ 228, "SECCOMP" },
	{ 229, "SELINUX_CONTEXT" },
	{ 230, "PERSONALITY" },
	{ 231, "APPARMOR" },
	{ 232, "ADDRESS_FAMILIES" },
	{ 233, "RUNTIME_DIRECTORY" },
	{ 235, "CHOWN" },
	{ 236, "SMACK_PROCESS_LABEL" },
	{ 237, "KEYRING" },
	{ 238, "STATE_DIRECTORY" },
	{ 239, "CACHE_DIRECTORY" },
	{ 240, "LOGS_DIRECTORY" },
	{ 241, "CONFIGURATION_DIRECTORY" },
	{ 242, "NUMA_POLICY" },
	{ 243, "CREDENTIALS" },
	{ 245, "BPF" },
	{ 255, "EXCEPTION" },
};

bool value_exit_status(struct span text, int *out)
{
	uint64_t n;

	if (span_uint(text, 255, &n)) {
		*out = (int)n;
		return true;
	}
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (span_is(text, statuses[i].name)) {
			*out = statuses[i].status;
			return true;
		}
	return false;
}
