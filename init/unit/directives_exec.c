/* How processes are run, but for what protects the machine: systemd.exec(5). */
#include "parse.h"

#include <sys/resource.h>

#define ROW(text, how, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = how, field }
/* What decides who a process is and what it may: a bad value refuses the unit. */
#define STRICT(text, how, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = how, field, .strict = true }
#define FULL(text, how, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = how, field, .takes_empty = true }
#define CHOICE(text, field, list) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_choice, field, \
	  .choices = list }
#define LIMIT(text, resource, unit) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_limit, .arg = resource, \
	  .max = unit, .takes_empty = true, .strict = true }
#define HARMLESS_ROW(text) { .name = text, .sections = IN_EXEC, .kind = HARMLESS }
#define UNSUPPORTED_ROW(text) { .name = text, .sections = IN_EXEC, .kind = UNSUPPORTED }
#define DIRECTORY(text, which) \
	ROW(text, parse_dirs, FIELD_EXEC(dirs[which].names)), \
	STRICT(text "Mode", parse_mode, FIELD_EXEC(dirs[which].mode))

static const char *const preserve[] = { "no", "restart", "yes", NULL };
static const char *const schedulers[] = { "", "other", "batch", "idle", "fifo", "rr", NULL };

static const struct directive rows[] = {
	STRICT("User", parse_user, FIELD_EXEC(user)),
	STRICT("Group", parse_user, FIELD_EXEC(group)),
	STRICT("SupplementaryGroups", parse_users, FIELD_EXEC(supplementary)),
	{ .name = "WorkingDirectory", .sections = IN_EXEC, .kind = HONOURED,
	  .parse = parse_working_directory, .takes_empty = true, .strict = true },
	STRICT("UMask", parse_mode, FIELD_EXEC(umask)),
	STRICT("NoNewPrivileges", parse_bool, FIELD_EXEC(no_new_privileges)),

	ROW("Environment", parse_environment, FIELD_EXEC(environment)),
	FULL("EnvironmentFile", parse_env_file, FIELD_EXEC(env_files)),
	ROW("PassEnvironment", parse_env_names, FIELD_EXEC(pass_environment)),
	ROW("UnsetEnvironment", parse_env_names, FIELD_EXEC(unset_environment)),

	ROW("StandardInput", parse_input, FIELD_EXEC(input)),
	ROW("StandardOutput", parse_output, FIELD_EXEC(output)),
	ROW("StandardError", parse_output, FIELD_EXEC(error)),
	FULL("StandardInputText", parse_input_text, FIELD_EXEC(input_data)),
	UNSUPPORTED_ROW("StandardInputData"),
	ROW("TTYPath", parse_path, FIELD_EXEC(tty_path)),
	ROW("TTYReset", parse_bool, FIELD_EXEC(tty_reset)),
	ROW("TTYVHangup", parse_bool, FIELD_EXEC(tty_vhangup)),
	ROW("TTYVTDisallocate", parse_bool, FIELD_EXEC(tty_disallocate)),
	{ .name = "TTYRows", .sections = IN_EXEC, .kind = HONOURED, .parse = parse_uint32,
	  FIELD_EXEC(tty_rows), .max = 65535 },
	{ .name = "TTYColumns", .sections = IN_EXEC, .kind = HONOURED, .parse = parse_uint32,
	  FIELD_EXEC(tty_columns), .max = 65535 },

	DIRECTORY("RuntimeDirectory", DIR_RUNTIME),
	DIRECTORY("StateDirectory", DIR_STATE),
	DIRECTORY("CacheDirectory", DIR_CACHE),
	DIRECTORY("LogsDirectory", DIR_LOGS),
	DIRECTORY("ConfigurationDirectory", DIR_CONFIGURATION),
	CHOICE("RuntimeDirectoryPreserve", FIELD_EXEC(runtime_preserve), preserve),
	HARMLESS_ROW("TimeoutCleanSec"),
	HARMLESS_ROW("StateDirectoryAccounting"),
	HARMLESS_ROW("CacheDirectoryAccounting"),
	HARMLESS_ROW("LogsDirectoryAccounting"),
	UNSUPPORTED_ROW("StateDirectoryQuota"),
	UNSUPPORTED_ROW("CacheDirectoryQuota"),
	UNSUPPORTED_ROW("LogsDirectoryQuota"),

	LIMIT("LimitCPU", RLIMIT_CPU, LIMIT_SECONDS),
	LIMIT("LimitFSIZE", RLIMIT_FSIZE, LIMIT_BYTES),
	LIMIT("LimitDATA", RLIMIT_DATA, LIMIT_BYTES),
	LIMIT("LimitSTACK", RLIMIT_STACK, LIMIT_BYTES),
	LIMIT("LimitCORE", RLIMIT_CORE, LIMIT_BYTES),
	LIMIT("LimitRSS", RLIMIT_RSS, LIMIT_BYTES),
	LIMIT("LimitNOFILE", RLIMIT_NOFILE, LIMIT_NUMBER),
	LIMIT("LimitAS", RLIMIT_AS, LIMIT_BYTES),
	LIMIT("LimitNPROC", RLIMIT_NPROC, LIMIT_NUMBER),
	LIMIT("LimitMEMLOCK", RLIMIT_MEMLOCK, LIMIT_BYTES),
	LIMIT("LimitLOCKS", RLIMIT_LOCKS, LIMIT_NUMBER),
	LIMIT("LimitSIGPENDING", RLIMIT_SIGPENDING, LIMIT_NUMBER),
	LIMIT("LimitMSGQUEUE", RLIMIT_MSGQUEUE, LIMIT_BYTES),
	LIMIT("LimitNICE", RLIMIT_NICE, LIMIT_NICE),
	LIMIT("LimitRTPRIO", RLIMIT_RTPRIO, LIMIT_NUMBER),
	LIMIT("LimitRTTIME", RLIMIT_RTTIME, LIMIT_MICROSECONDS),

	FULL("Nice", parse_nice, FIELD_EXEC(nice)),
	FULL("OOMScoreAdjust", parse_oom_score, FIELD_EXEC(oom_score_adjust)),
	CHOICE("CPUSchedulingPolicy", FIELD_EXEC(sched), schedulers),
	{ .name = "CPUSchedulingPriority", .sections = IN_EXEC, .kind = HONOURED, .parse = parse_int,
	  FIELD_EXEC(sched_priority), .max = 99 },
	ROW("CPUSchedulingResetOnFork", parse_bool, FIELD_EXEC(sched_reset_on_fork)),
	ROW("CPUAffinity", parse_cpus, FIELD_EXEC(cpus)),
	ROW("IOSchedulingClass", parse_io_class, FIELD_EXEC(io_class)),
	{ .name = "IOSchedulingPriority", .sections = IN_EXEC, .kind = HONOURED, .parse = parse_int,
	  FIELD_EXEC(io_priority), .max = 7 },
	ROW("TimerSlackNSec", parse_nsec, FIELD_EXEC(timer_slack_ns)),
	ROW("IgnoreSIGPIPE", parse_bool, FIELD_EXEC(ignore_sigpipe)),
	UNSUPPORTED_ROW("NUMAPolicy"),
	UNSUPPORTED_ROW("NUMAMask"),
	UNSUPPORTED_ROW("MemoryKSM"),
	UNSUPPORTED_ROW("CoredumpFilter"),

	HARMLESS_ROW("SyslogIdentifier"),
	HARMLESS_ROW("SyslogFacility"),
	HARMLESS_ROW("SyslogLevel"),
	HARMLESS_ROW("SyslogLevelPrefix"),
	HARMLESS_ROW("LogLevelMax"),
	HARMLESS_ROW("LogExtraFields"),
	HARMLESS_ROW("LogRateLimitIntervalSec"),
	HARMLESS_ROW("LogRateLimitBurst"),
	HARMLESS_ROW("LogFilterPatterns"),
	UNSUPPORTED_ROW("LogNamespace"),
	HARMLESS_ROW("UtmpIdentifier"),
	HARMLESS_ROW("UtmpMode"),
	HARMLESS_ROW("SetLoginEnvironment"),
	HARMLESS_ROW("TCPWrapName"),

	/* A service that asks for a secret must not run without it; one that would take
	 * what the manager happens to have been given must be ready to find none. */
	{ .name = "LoadCredential", .sections = IN_EXEC, .kind = PROTECTIVE, .only_paths = true },
	{ .name = "LoadCredentialEncrypted", .sections = IN_EXEC, .kind = PROTECTIVE,
	  .only_paths = true },
	{ .name = "SetCredential", .sections = IN_EXEC, .kind = PROTECTIVE },
	{ .name = "SetCredentialEncrypted", .sections = IN_EXEC, .kind = PROTECTIVE },
	/* Imports what happens to be there: none is an ordinary answer. */
	UNSUPPORTED_ROW("ImportCredential"),
};

const struct directive_piece directives_exec = { rows, sizeof rows / sizeof *rows };
