/* Sandboxing and identity: systemd.exec(5) and the filters of
 * systemd.resource-control(5). A unit that asks for what is not honoured yet is refused. */
#include "parse.h"

#define ROW(text) { .name = text, .sections = IN_EXEC, .kind = PROTECTIVE }
/* `text` lists the values that ask for nothing. */
#define BUT(text, values) \
	{ .name = text, .sections = IN_EXEC, .kind = PROTECTIVE, .neutral = values }
#define LABEL(text, field) \
	{ .name = text, .sections = IN_EXEC, .kind = HONOURED, .parse = parse_label, field, \
	  .takes_empty = true, .strict = true }
#define GROUP(text) { .name = text, .sections = IN_CGROUP, .kind = PROTECTIVE }

static const struct directive rows[] = {
	ROW("DynamicUser"),
	ROW("PAMName"),
	/* An empty set is none at all; ~ is the whole. */
	BUT("CapabilityBoundingSet", "~"),
	ROW("AmbientCapabilities"),
	ROW("Capabilities"),
	ROW("SecureBits"),
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
	ROW("ProtectClock"),
	ROW("ProtectControlGroups"),
	ROW("ProtectHostname"),
	ROW("ProtectKernelLogs"),
	ROW("ProtectKernelModules"),
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

	ROW("LockPersonality"),
	ROW("Personality"),
	ROW("MemoryDenyWriteExecute"),
	ROW("RestrictAddressFamilies"),
	ROW("RestrictFileSystems"),
	ROW("RestrictNamespaces"),
	ROW("RestrictRealtime"),
	ROW("RestrictSUIDSGID"),
	ROW("RemoveIPC"),
	ROW("SystemCallFilter"),
	ROW("SystemCallArchitectures"),
	ROW("SystemCallLog"),
	/* Says what a filter answers: alone it asks for nothing. */
	{ .name = "SystemCallErrorNumber", .sections = IN_EXEC, .kind = HARMLESS },

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
