/* Sandboxing and identity: systemd.exec(5) and the filters of
 * systemd.resource-control(5). A unit that asks for what is not honoured yet is refused,
 * and one whose wish is not understood, too. */
#include "parse.h"

#define ROW(text) { .name = text, .sections = IN_EXEC, .kind = PROTECTIVE }
/* `text` lists the values that ask for nothing. */
#define BUT(text, values) \
	{ .name = text, .sections = IN_EXEC, .kind = PROTECTIVE, .neutral = values }
#define LABEL(text, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_label, field, \
	  .takes_empty = true, .strict = true }
#define BOX(text, parser, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parser, field, .strict = true }
#define LIST(text, parser, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parser, field, \
	  .strict = true, .takes_empty = true }
#define SWITCH(text, member) BOX(text, parse_bool, FIELD_SANDBOX(member))
#define GROUP(text) { .name = text, .sections = IN_CGROUP, .kind = PROTECTIVE }

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
	BUT("KeyringMode", "inherit"),
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
	ROW("BindPaths"),
	ROW("BindReadOnlyPaths"),
	ROW("MountImages"),
	ROW("ExtensionImages"),
	ROW("ExtensionDirectories"),
	ROW("TemporaryFileSystem"),
	BUT("MountFlags", "shared"),

	ROW("ProtectSystem"),
	ROW("ProtectHome"),
	SWITCH("ProtectClock", protect_clock),
	ROW("ProtectControlGroups"),
	SWITCH("ProtectHostname", protect_hostname),
	SWITCH("ProtectKernelLogs", protect_kernel_logs),
	SWITCH("ProtectKernelModules", protect_kernel_modules),
	ROW("ProtectKernelTunables"),
	BUT("ProtectProc", "default"),
	BUT("ProcSubset", "all"),
	ROW("PrivateTmp"),
	ROW("PrivateDevices"),
	ROW("PrivateNetwork"),
	ROW("PrivateIPC"),
	ROW("PrivateMounts"),
	ROW("PrivatePIDs"),
	ROW("PrivateUsers"),
	ROW("PrivateBPF"),
	ROW("NetworkNamespacePath"),
	ROW("IPCNamespacePath"),
	ROW("UserNamespacePath"),
	ROW("DelegateNamespaces"),
	ROW("BPFDelegateCommands"),
	ROW("BPFDelegateMaps"),
	ROW("BPFDelegatePrograms"),
	ROW("BPFDelegateAttachments"),

	ROW("ReadOnlyPaths"),
	ROW("ReadOnlyDirectories"),
	ROW("InaccessiblePaths"),
	ROW("InaccessibleDirectories"),
	ROW("NoExecPaths"),
	/* Exceptions to the above: alone they ask for nothing. */
	{ .name = "ReadWritePaths", .sections = IN_EXEC, .kind = HARMLESS },
	{ .name = "ReadWriteDirectories", .sections = IN_EXEC, .kind = HARMLESS },
	{ .name = "ExecPaths", .sections = IN_EXEC, .kind = HARMLESS },

	SWITCH("LockPersonality", lock_personality),
	ROW("Personality"),
	SWITCH("MemoryDenyWriteExecute", no_write_execute),
	BOX("RestrictAddressFamilies", parse_families, FIELD_SANDBOX(families)),
	ROW("RestrictFileSystems"),
	BOX("RestrictNamespaces", parse_namespaces, FIELD_SANDBOX(denied_namespaces)),
	SWITCH("RestrictRealtime", no_realtime),
	SWITCH("RestrictSUIDSGID", no_suid_sgid),
	ROW("RemoveIPC"),
	BOX("SystemCallFilter", parse_calls, FIELD_SANDBOX(calls)),
	BOX("SystemCallArchitectures", parse_call_machines, FIELD_SANDBOX(native_calls)),
	ROW("SystemCallLog"),
	BOX("SystemCallErrorNumber", parse_call_error, FIELD_SANDBOX(call_error)),

	GROUP("DeviceAllow"),
	{ .name = "DevicePolicy", .sections = IN_CGROUP, .kind = PROTECTIVE, .neutral = "auto" },
	GROUP("IPAddressAllow"),
	GROUP("IPAddressDeny"),
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
