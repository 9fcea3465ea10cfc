/* [Service]: systemd.service(5), and systemd.kill(5). */
#include "parse.h"

#define EXEC(text, phase) \
	{ .name = text, .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_command, \
	  FIELD_SERVICE(exec[phase]), .strict = true }
#define FLAG(text, where, field) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_bool, field }
#define CHOICE(text, where, field, list) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_choice, field, \
	  .choices = list }
#define TIME(text, where, field) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_time, field }
#define EXITS(text, member) \
	{ .name = text, .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_exit_set, \
	  FIELD_SERVICE(member) }
#define SIGNAL(text, where, field) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_signal, field }

static const char *const types[] = { "simple", "exec", "oneshot", "forking", "notify",
                                     "notify-reload", "dbus", "idle", NULL };
static const char *const restarts[] = { "no", "on-success", "on-failure", "on-abnormal",
                                        "on-watchdog", "on-abort", "always", NULL };
static const char *const notify_access[] = { "", "none", "main", "exec", "all", NULL };
static const char *const kill_modes[] = { "control-group", "mixed", "process", "none", NULL };

static const struct directive rows[] = {
	{ .name = "Type", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_service_type,
	  FIELD_SERVICE(type), .choices = types, .strict = true },
	{ .name = "ExitType", .sections = IN_SERVICE, .kind = UNSUPPORTED, .neutral = "main" },
	FLAG("RemainAfterExit", IN_SERVICE, FIELD_SERVICE(remain_after_exit)),
	FLAG("GuessMainPID", IN_SERVICE, FIELD_SERVICE(guess_main_pid)),
	{ .name = "PIDFile", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_pid_file,
	  FIELD_SERVICE(pid_file) },
	{ .name = "BusName", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_bus_name,
	  FIELD_SERVICE(bus_name) },
	{ .name = "BusPolicy", .sections = IN_SERVICE, .kind = HARMLESS },
	{ .name = "NotifyAccess", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_choice,
	  FIELD_SERVICE(notify_access), .choices = notify_access, .strict = true },
	{ .name = "Sockets", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_sockets,
	  FIELD_SERVICE(sockets), .takes_empty = true },

	EXEC("ExecCondition", PHASE_CONDITION),
	EXEC("ExecStartPre", PHASE_START_PRE),
	EXEC("ExecStart", PHASE_START),
	EXEC("ExecStartPost", PHASE_START_POST),
	EXEC("ExecReload", PHASE_RELOAD),
	EXEC("ExecReloadPost", PHASE_RELOAD_POST),
	EXEC("ExecStop", PHASE_STOP),
	EXEC("ExecStopPost", PHASE_STOP_POST),

	CHOICE("Restart", IN_SERVICE, FIELD_SERVICE(restart), restarts),
	{ .name = "RestartMode", .sections = IN_SERVICE, .kind = UNSUPPORTED, .neutral = "normal" },
	TIME("RestartSec", IN_SERVICE, FIELD_SERVICE(restart_us)),
	{ .name = "RestartSteps", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_uint32,
	  FIELD_SERVICE(restart_steps), .max = 10000 },
	TIME("RestartMaxDelaySec", IN_SERVICE, FIELD_SERVICE(restart_max_us)),
	EXITS("SuccessExitStatus", success),
	EXITS("RestartPreventExitStatus", restart_prevent),
	EXITS("RestartForceExitStatus", restart_force),

	{ .name = "TimeoutSec", .sections = IN_SERVICE, .kind = HONOURED,
	  .parse = parse_start_timeout, FIELD_SERVICE(timeout_start_us), .arg = 1 },
	{ .name = "TimeoutStartSec", .sections = IN_SERVICE, .kind = HONOURED,
	  .parse = parse_start_timeout, FIELD_SERVICE(timeout_start_us) },
	{ .name = "TimeoutStopSec", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_time,
	  FIELD_SERVICE(timeout_stop_us), .arg = 1 },
	{ .name = "TimeoutAbortSec", .sections = IN_SERVICE, .kind = HONOURED,
	  .parse = parse_abort_timeout, FIELD_SERVICE(timeout_abort_us), .takes_empty = true },
	{ .name = "TimeoutStartFailureMode", .sections = IN_SERVICE, .kind = UNSUPPORTED,
	  .neutral = "terminate" },
	{ .name = "TimeoutStopFailureMode", .sections = IN_SERVICE, .kind = UNSUPPORTED,
	  .neutral = "terminate" },
	{ .name = "RuntimeMaxSec", .sections = IN_SERVICE, .kind = HONOURED, .parse = parse_time,
	  FIELD_SERVICE(runtime_max_us), .arg = 1 },
	{ .name = "RuntimeRandomizedExtraSec", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	TIME("WatchdogSec", IN_SERVICE, FIELD_SERVICE(watchdog_us)),
	SIGNAL("ReloadSignal", IN_SERVICE, FIELD_SERVICE(reload_signal)),

	{ .name = "FileDescriptorStoreMax", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	{ .name = "FileDescriptorStorePreserve", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	{ .name = "OpenFile", .sections = IN_SERVICE, .kind = UNSUPPORTED, .neutral = "" },
	{ .name = "NonBlocking", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	/* What is left of a unit after the kernel has killed one of its processes lives on. */
	{ .name = "OOMPolicy", .sections = IN_SERVICE, .kind = UNSUPPORTED, .neutral = "continue" },
	{ .name = "USBFunctionDescriptors", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	{ .name = "USBFunctionStrings", .sections = IN_SERVICE, .kind = UNSUPPORTED },
	{ .name = "SysVStartPriority", .sections = IN_SERVICE, .kind = HARMLESS },
	{ .name = "RefuseManualStart", .sections = IN_SERVICE, .kind = HARMLESS },

	/* They run some of the commands with more rights than User= gives. */
	{ .name = "PermissionsStartOnly", .sections = IN_SERVICE, .kind = PROTECTIVE },
	{ .name = "RootDirectoryStartOnly", .sections = IN_SERVICE, .kind = PROTECTIVE },

	CHOICE("KillMode", IN_KILL, FIELD_EXEC(kill.mode), kill_modes),
	SIGNAL("KillSignal", IN_KILL, FIELD_EXEC(kill.signal)),
	SIGNAL("RestartKillSignal", IN_KILL, FIELD_EXEC(kill.restart_signal)),
	{ .name = "FinalKillSignal", .sections = IN_KILL, .kind = UNSUPPORTED, .neutral = "SIGKILL KILL 9" },
	SIGNAL("WatchdogSignal", IN_KILL, FIELD_EXEC(kill.watchdog_signal)),
	FLAG("SendSIGKILL", IN_KILL, FIELD_EXEC(kill.send_sigkill)),
	FLAG("SendSIGHUP", IN_KILL, FIELD_EXEC(kill.send_sighup)),
};

const struct directive_piece directives_service = { rows, sizeof rows / sizeof *rows };
