/* Sandboxing and identity: systemd.exec(5) and the filters of
 * systemd.resource-control(5). A unit that asks for what is not honoured yet is refused,
 * and one whose wish is not understood, too. */
#include "parse.h"

#define ROW(text) { .name = text, .sections = IN_EXEC, .kind = PROTECTIVE }
#define LABEL(text, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_label, field, \
	  .takes_empty = true, .strict = true }
#define BOX(text, parser, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parser, field, \
	  .strict = true }
#define LIST(text, parser, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parser, field, \
	  .strict = true, .takes_empty = true }
#define SWITCH(text, member) BOX(text, parse_bool, FIELD_SANDBOX(member))
#define CHOICE(text, member, words, yes) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_choice_or_bool, \
	  FIELD_SANDBOX(member), .choices = words, .arg = yes, .strict = true }
#define WORD(text, member, words) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_choice, \
	  FIELD_SANDBOX(member), .choices = words, .strict = true }
#define PATHS(text, list) BOX(text, parse_paths, FIELD_SANDBOX(paths[list]))
#define BINDS(text, is_read_only) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_binds, \
	  FIELD_SANDBOX(binds_n), .arg = is_read_only, .takes_empty = true, .strict = true }
#define SHARED(text) { .name = text, .sections = IN_SLICE | IN_SCOPE, .kind = PROTECTIVE }
#define GROUP(text) { .name = text, .sections = IN_CGROUP, .kind = PROTECTIVE }

static const char *const systems[] = { "", "", "full", "strict", NULL };
static const char *const homes[] = { "", "", "read-only", "tmpfs", NULL };
static const char *const procs[] = { "default", "noaccess", "invisible", "ptraceable", NULL };
static const char *const subsets[] = { "all", "pid", NULL };
static const char *const policies[] = { "auto", "closed", "strict", NULL };
static const char *const keyrings[] = { "inherit", "private", "shared", NULL };

static const struct directive rows[] = {
	ROW("DynamicUser"),
	ROW("PAMName"),
	{ .name = "CapabilityBoundingSet", .sections = IN_EXEC, .kind = HONOURED,
	  .parse = parse_capabilities, FIELD_SANDBOX(bounding), .strict = true,
	  /* an empty set is none at all; ~ is the whole */
	  .takes_empty = true, .arg = (int64_t)SANDBOX_ALL_CAPABILITIES },
	LIST("AmbientCapabilities", parse_capabilities, FIELD_SANDBOX(ambient)),
	ROW("Capabilities"),
	BOX("SecureBits", parse_secure_bits, FIELD_SANDBOX(secure_bits)),
	LABEL("SELinuxContext", FIELD_EXEC(selinux)),
	LABEL("AppArmorProfile", FIELD_EXEC(apparmor)),
	ROW("SmackProcessLabel"),
	WORD("KeyringMode", keyring, keyrings),
	ROW("LandlockConfig"),

	ROW("RootDirectory"),
	ROW("RootImage"),
	ROW("RootImageOptions"),
	ROW("RootImagePolicy"),
	ROW("MountImagePolicy"),
	ROW("ExtensionImagePolicy"),
	ROW("RootHash"),
	ROW("RootHashSignature"),
	ROW("RootVerity"),
	ROW("RootEphemeral"),
	ROW("RootMStack"),
	ROW("RootDirectoryFileDescriptor"),
	ROW("MountAPIVFS"),
	ROW("BindLogSockets"),
	BINDS("BindPaths", 0),
	BINDS("BindReadOnlyPaths", 1),
	ROW("MountImages"),
	ROW("ExtensionImages"),
	ROW("ExtensionDirectories"),
	LIST("TemporaryFileSystem", parse_tmpfs, FIELD_SANDBOX(tmpfs_n)),
	BOX("MountFlags", parse_mount_flags, FIELD_SANDBOX(private_mounts)),

	CHOICE("ProtectSystem", system, systems, SYSTEM_YES),
	CHOICE("ProtectHome", home, homes, HOME_HIDDEN),
	SWITCH("ProtectClock", protect_clock),
	SWITCH("ProtectControlGroups", protect_control_groups),
	SWITCH("ProtectHostname", protect_hostname),
	SWITCH("ProtectKernelLogs", protect_kernel_logs),
	SWITCH("ProtectKernelModules", protect_kernel_modules),
	SWITCH("ProtectKernelTunables", protect_kernel_tunables),
	WORD("ProtectProc", proc, procs),
	WORD("ProcSubset", proc_subset, subsets),
	SWITCH("PrivateTmp", private_tmp),
	SWITCH("PrivateDevices", private_devices),
	SWITCH("PrivateNetwork", private_network),
	SWITCH("PrivateIPC", private_ipc),
	SWITCH("PrivateMounts", private_mounts),
	SWITCH("PrivatePIDs", private_pids),
	SWITCH("PrivateUsers", private_users),
	ROW("PrivateBPF"),
	ROW("NetworkNamespacePath"),
	ROW("IPCNamespacePath"),
	ROW("UserNamespacePath"),
	ROW("DelegateNamespaces"),
	ROW("BPFDelegateCommands"),
	ROW("BPFDelegateMaps"),
	ROW("BPFDelegatePrograms"),
	ROW("BPFDelegateAttachments"),

	PATHS("ReadOnlyPaths", PATHS_READ_ONLY),
	PATHS("ReadOnlyDirectories", PATHS_READ_ONLY),
	PATHS("InaccessiblePaths", PATHS_INACCESSIBLE),
	PATHS("InaccessibleDirectories", PATHS_INACCESSIBLE),
	PATHS("NoExecPaths", PATHS_NO_EXEC),
	PATHS("ReadWritePaths", PATHS_READ_WRITE),
	PATHS("ReadWriteDirectories", PATHS_READ_WRITE),
	PATHS("ExecPaths", PATHS_EXEC),

	SWITCH("LockPersonality", lock_personality),
	ROW("Personality"),
	SWITCH("MemoryDenyWriteExecute", no_write_execute),
	BOX("RestrictAddressFamilies", parse_families, FIELD_SANDBOX(families)),
	ROW("RestrictFileSystems"),
	BOX("RestrictNamespaces", parse_namespaces, FIELD_SANDBOX(denied_namespaces)),
	SWITCH("RestrictRealtime", no_realtime),
	SWITCH("RestrictSUIDSGID", no_suid_sgid),
	SWITCH("RemoveIPC", remove_ipc),
	BOX("SystemCallFilter", parse_calls, FIELD_SANDBOX(calls)),
	BOX("SystemCallArchitectures", parse_call_machines, FIELD_SANDBOX(native_calls)),
	ROW("SystemCallLog"),
	BOX("SystemCallErrorNumber", parse_call_error, FIELD_SANDBOX(call_error)),

	LIST("DeviceAllow", parse_device, FIELD_SANDBOX(devices_n)),
	WORD("DevicePolicy", devices, policies),
	GROUP("IPAddressAllow"),
	BOX("IPAddressDeny", parse_no_addresses, FIELD_SANDBOX(no_addresses)),
	/* groups of several units are not protected as a whole */
	SHARED("DeviceAllow"),
	{ .name = "DevicePolicy", .sections = IN_SLICE | IN_SCOPE, .kind = PROTECTIVE,
	  .neutral = "auto" },
	SHARED("IPAddressDeny"),
	GROUP("IPIngressFilterPath"),
	GROUP("IPEgressFilterPath"),
	GROUP("BPFProgram"),
	GROUP("SocketBindAllow"),
	GROUP("SocketBindDeny"),
	GROUP("RestrictNetworkInterfaces"),
	GROUP("BindNetworkInterface"),
	GROUP("NFTSet"),
	GROUP("NetClass"),
};

const struct directive_piece directives_protect = { rows, sizeof rows / sizeof *rows };
