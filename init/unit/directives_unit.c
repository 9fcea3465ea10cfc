/* [Unit] and [Install]: systemd.unit(5). */
#include "parse.h"

#define DEPS(text, dep) \
	{ .name = text, .sections = IN_UNIT, .kind = HONOURED, .parse = parse_deps, .arg = dep, \
	  .takes_empty = true }
#define FLAG(text, member) \
	{ .name = text, .sections = IN_UNIT, .kind = HONOURED, .parse = parse_bool, FIELD_UNIT(member) }
#define TIME(text, where, member) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_time, FIELD_UNIT(member) }
#define CHOICE(text, where, member, list) \
	{ .name = text, .sections = where, .kind = HONOURED, .parse = parse_choice, \
	  FIELD_UNIT(member), .choices = list }
#define INSTALL(text, member) \
	{ .name = text, .sections = IN_INSTALL, .kind = HONOURED, .parse = parse_names, \
	  FIELD_UNIT(install.member) }

static const char *const actions[] = {
	[ACTION_NONE] = "none", [ACTION_REBOOT] = "reboot", [ACTION_REBOOT_FORCE] = "reboot-force",
	[ACTION_REBOOT_IMMEDIATE] = "reboot-immediate", [ACTION_POWEROFF] = "poweroff",
	[ACTION_POWEROFF_FORCE] = "poweroff-force",
	[ACTION_POWEROFF_IMMEDIATE] = "poweroff-immediate", [ACTION_EXIT] = "exit",
	[ACTION_EXIT_FORCE] = "exit-force", [ACTION_HALT] = "halt",
	[ACTION_HALT_FORCE] = "halt-force", [ACTION_HALT_IMMEDIATE] = "halt-immediate",
	[ACTION_KEXEC] = "kexec", [ACTION_KEXEC_FORCE] = "kexec-force",
	[ACTION_SOFT_REBOOT] = "soft-reboot", [ACTION_SOFT_REBOOT_FORCE] = "soft-reboot-force", NULL,
};

static const struct directive rows[] = {
	{ .name = "Description", .sections = IN_UNIT, .kind = HONOURED, .parse = parse_text,
	  FIELD_UNIT(description) },
	{ .name = "Documentation", .sections = IN_UNIT, .kind = HONOURED,
	  .parse = parse_documentation, FIELD_UNIT(documentation) },
	{ .name = "SourcePath", .sections = IN_UNIT, .kind = HARMLESS },

	DEPS("Requires", DEP_REQUIRES),
	DEPS("RequiresOverridable", DEP_REQUIRES),
	DEPS("Requisite", DEP_REQUISITE),
	DEPS("RequisiteOverridable", DEP_REQUISITE),
	DEPS("Wants", DEP_WANTS),
	DEPS("BindsTo", DEP_BINDS_TO),
	DEPS("BindTo", DEP_BINDS_TO),
	DEPS("PartOf", DEP_PART_OF),
	DEPS("Upholds", DEP_UPHOLDS),
	DEPS("Conflicts", DEP_CONFLICTS),
	DEPS("Before", DEP_BEFORE),
	DEPS("After", DEP_AFTER),
	DEPS("OnFailure", DEP_ON_FAILURE),
	DEPS("OnSuccess", DEP_ON_SUCCESS),
	DEPS("PropagatesReloadTo", DEP_PROPAGATES_RELOAD),
	DEPS("PropagateReloadTo", DEP_PROPAGATES_RELOAD),
	DEPS("ReloadPropagatedFrom", DEP_RELOAD_FROM),
	DEPS("PropagateReloadFrom", DEP_RELOAD_FROM),
	DEPS("PropagatesStopTo", DEP_PROPAGATES_STOP),
	DEPS("StopPropagatedFrom", DEP_STOP_FROM),
	{ .name = "JoinsNamespaceOf", .sections = IN_UNIT, .kind = UNSUPPORTED },
	{ .name = "RequiresMountsFor", .sections = IN_UNIT, .kind = HONOURED,
	  .parse = parse_mounts_for, FIELD_UNIT(requires_mounts) },
	{ .name = "WantsMountsFor", .sections = IN_UNIT, .kind = HARMLESS },

	FLAG("DefaultDependencies", default_dependencies),
	{ .name = "StopWhenUnneeded", .sections = IN_UNIT, .kind = UNSUPPORTED },
	FLAG("RefuseManualStart", refuse_manual_start),
	FLAG("RefuseManualStop", refuse_manual_stop),
	FLAG("AllowIsolate", allow_isolate),
	FLAG("IgnoreOnIsolate", ignore_on_isolate),
	{ .name = "SurviveFinalKillSignal", .sections = IN_UNIT, .kind = UNSUPPORTED },
	{ .name = "IgnoreOnSnapshot", .sections = IN_UNIT, .kind = HARMLESS },

	{ .name = "OnFailureJobMode", .sections = IN_UNIT, .kind = UNSUPPORTED, .neutral = "replace" },
	{ .name = "OnSuccessJobMode", .sections = IN_UNIT, .kind = UNSUPPORTED, .neutral = "replace" },
	{ .name = "OnFailureIsolate", .sections = IN_UNIT, .kind = UNSUPPORTED },
	{ .name = "JobTimeoutSec", .sections = IN_UNIT, .kind = UNSUPPORTED, .neutral = "infinity 0" },
	{ .name = "JobRunningTimeoutSec", .sections = IN_UNIT, .kind = UNSUPPORTED,
	  .neutral = "infinity 0" },
	{ .name = "JobTimeoutAction", .sections = IN_UNIT, .kind = UNSUPPORTED, .neutral = "none" },
	{ .name = "JobTimeoutRebootArgument", .sections = IN_UNIT, .kind = UNSUPPORTED },
	{ .name = "CollectMode", .sections = IN_UNIT, .kind = HARMLESS },

	/* Old unit files have these in [Service]. */
	TIME("StartLimitIntervalSec", IN_UNIT | IN_SERVICE, start_limit_interval_us),
	TIME("StartLimitInterval", IN_UNIT | IN_SERVICE, start_limit_interval_us),
	{ .name = "StartLimitBurst", .sections = IN_UNIT | IN_SERVICE, .kind = HONOURED,
	  .parse = parse_uint32, FIELD_UNIT(start_limit_burst), .max = UINT32_MAX },
	CHOICE("StartLimitAction", IN_UNIT | IN_SERVICE, start_limit_action, actions),
	CHOICE("FailureAction", IN_UNIT | IN_SERVICE, failure_action, actions),
	CHOICE("SuccessAction", IN_UNIT, success_action, actions),
	{ .name = "FailureActionExitStatus", .sections = IN_UNIT, .kind = HARMLESS },
	{ .name = "SuccessActionExitStatus", .sections = IN_UNIT, .kind = HARMLESS },
	{ .name = "RebootArgument", .sections = IN_UNIT | IN_SERVICE, .kind = UNSUPPORTED },

	INSTALL("WantedBy", wanted_by),
	INSTALL("RequiredBy", required_by),
	INSTALL("UpheldBy", upheld_by),
	INSTALL("Alias", alias),
	INSTALL("Also", also),
	{ .name = "DefaultInstance", .sections = IN_INSTALL, .kind = HONOURED, .parse = parse_text,
	  FIELD_UNIT(install.default_instance) },
};

const struct directive_piece directives_unit = { rows, sizeof rows / sizeof *rows };
