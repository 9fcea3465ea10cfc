/* exec: how a unit's processes are run: what [Service], [Socket], [Mount] and
 * [Swap] have in common, as read from the files.
 *
 * Plain data that the supervisor's child carries out. Names of users are not
 * resolved here. Everything is owned by the arena of the set; strings are
 * terminated and never NULL unless said. Times are microseconds. See
 * systemd.exec(5), systemd.kill(5), systemd.resource-control(5).  */
#ifndef UNIT_EXEC_H
#define UNIT_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIT_FOREVER UINT64_MAX /* "infinity", for times and sizes */

struct text_list {
	const char *const *at; /* at[n] is NULL; at itself is NULL when n is 0 */
	unsigned n;
};

/* --- Command lines --- */

enum exec_flag {
	EXEC_IGNORE_FAILURE = 1,  /* - */
	EXEC_ARGV0 = 2,           /* @: argv[0] was given apart (it is argv[0] already) */
	EXEC_FULL_PRIVILEGES = 4, /* +: as root, no User=, no sandbox */
	EXEC_NO_SETUID = 8,       /* ! and !!: User= is not applied, the rest is */
	EXEC_NO_EXPAND = 16,      /* :: $VARIABLES are left as they stand */
};

struct exec_command {
	const char *path;         /* absolute, or a bare name to be looked up in PATH_SEARCH */
	const char *const *argv;  /* argv[argc] is NULL; specifiers filled in, $VARIABLES not yet */
	unsigned argc;
	unsigned flags;           /* enum exec_flag */
};

struct exec_list {
	const struct exec_command *at;
	unsigned n;
};

/* --- Environment --- */

struct exec_env_file {
	const char *path; /* absolute; may hold glob characters */
	bool optional;    /* "-": no complaint when it is missing */
};

/* --- Standard input and output --- */

enum exec_stream {
	STREAM_UNSET,   /* input: null; output: the unit's log; error: as output */
	STREAM_INHERIT, /* output: as input; error: as output */
	STREAM_NULL,
	STREAM_TTY,       /* tty_path becomes the controlling terminal; waits until it is free */
	STREAM_TTY_FORCE, /* taken from whoever has it */
	STREAM_TTY_FAIL,  /* an error when it is not free */
	STREAM_LOG,       /* journal, syslog, kmsg: the unit's log in memory */
	STREAM_LOG_CONSOLE, /* journal+console and the like: the log and /dev/console */
	STREAM_FILE,      /* path: opened for writing, not truncated */
	STREAM_APPEND,
	STREAM_TRUNCATE,
	STREAM_SOCKET,    /* of the .socket unit with Accept=yes */
	STREAM_FD,        /* name of a descriptor of the .socket units; path is the name, or "" */
	STREAM_DATA,      /* StandardInputText=, StandardInputData=: `input` of exec_config */
};

struct exec_stdio {
	enum exec_stream kind;
	const char *path; /* STREAM_FILE, APPEND, TRUNCATE, FD; else NULL */
};

/* --- Directories made for the service --- */

enum exec_dir_kind { DIR_RUNTIME, DIR_STATE, DIR_CACHE, DIR_LOGS, DIR_CONFIGURATION, DIR_KINDS };
/* below /run, /var/lib, /var/cache, /var/log, /etc; the environment variables are
 * RUNTIME_DIRECTORY, STATE_DIRECTORY, CACHE_DIRECTORY, LOGS_DIRECTORY,
 * CONFIGURATION_DIRECTORY, values joined by ':' */

struct exec_dirs {
	struct text_list names; /* relative, without "..", may hold '/' */
	uint32_t mode;          /* 0755 */
};

enum exec_preserve { PRESERVE_NO, PRESERVE_RESTART, PRESERVE_YES };

/* --- Limits --- */

struct exec_limit {
	int resource; /* RLIMIT_… */
	uint64_t soft, hard; /* UNIT_FOREVER: RLIM_INFINITY */
};

enum exec_sched { SCHED_UNSET, SCHED_SET_OTHER, SCHED_SET_BATCH, SCHED_SET_IDLE, SCHED_SET_FIFO, SCHED_SET_RR };
enum exec_ioclass { IOCLASS_UNSET = -1, IOCLASS_NONE, IOCLASS_REALTIME, IOCLASS_BEST_EFFORT, IOCLASS_IDLE };

#define EXEC_CPUS_MAX 1024
struct exec_cpus {
	uint64_t bits[EXEC_CPUS_MAX / 64];
};

/* A cgroup number: bytes or tasks, or a share of what the machine has. */
enum amount_kind { AMOUNT_UNSET, AMOUNT_NUMBER, AMOUNT_SHARE };
struct amount {
	enum amount_kind kind;
	uint64_t value; /* NUMBER: the number or UNIT_FOREVER ("max"); SHARE: 1/10000 of the total */
};

struct cgroup_config {
	struct amount tasks_max;
	struct amount memory_max, memory_high, memory_low, memory_min, memory_swap_max;
	uint64_t cpu_weight; /* 1..10000; 0: unset */
	uint64_t io_weight;  /* 1..10000; 0: unset */
	uint64_t cpu_quota_us;        /* CPU time in a second; 0: unset (CPUQuota=20% is 200000) */
	uint64_t cpu_quota_period_us; /* 100000 */
	const char *slice; /* NULL: system.slice */
	bool delegate;     /* groups below the unit's are its own business */
};

enum kill_mode { KILL_CONTROL_GROUP, KILL_MIXED, KILL_PROCESS, KILL_NONE };

struct kill_config {
	enum kill_mode mode;
	int signal;         /* SIGTERM */
	int restart_signal; /* 0: as signal */
	int watchdog_signal; /* SIGABRT */
	bool send_sigkill;  /* true */
	bool send_sighup;   /* false */
};

/* What a mandatory access control calls the process after its exec. */
struct exec_label {
	const char *text; /* NULL: not asked for */
	bool optional;    /* "-": without it, where it can't be had */
};

struct sandbox;

struct exec_config {
	const char *user, *group;        /* names or numbers; NULL: root */
	struct text_list supplementary;  /* groups */
	const char *working_directory;   /* NULL: /; "~": the user's home */
	bool working_directory_optional; /* "-" */
	uint32_t umask;                  /* 0022 */

	struct text_list environment;    /* "NAME=value", later ones win */
	const struct exec_env_file *env_files;
	unsigned env_files_n;
	struct text_list pass_environment;  /* names taken from PID 1's environment */
	struct text_list unset_environment; /* names, or NAME=value; removed last of all */

	struct exec_stdio input, output, error;
	const char *input_data; /* STREAM_DATA */
	size_t input_data_len;
	const char *tty_path; /* NULL: /dev/console */
	bool tty_reset, tty_vhangup, tty_disallocate;
	uint32_t tty_rows, tty_columns; /* 0: not set */

	struct exec_dirs dirs[DIR_KINDS];
	enum exec_preserve runtime_preserve;

	const struct exec_limit *limits;
	unsigned limits_n;
	bool nice_set, oom_score_adjust_set;
	int nice, oom_score_adjust;
	enum exec_sched sched;
	int sched_priority; /* 0: not set */
	bool sched_reset_on_fork;
	int io_class;       /* enum exec_ioclass */
	int io_priority;    /* -1: not set */
	const struct exec_cpus *cpus; /* NULL: not set */
	bool timer_slack_set;
	uint64_t timer_slack_ns;
	bool ignore_sigpipe;     /* true */
	bool no_new_privileges;
	const struct sandbox *sandbox; /* sandbox.h; NULL: none */
	struct exec_label apparmor, selinux; /* a profile's name; a context */

	struct kill_config kill;
	struct cgroup_config cgroup;
};

#endif
