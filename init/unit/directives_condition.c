/* Condition…= and Assert…= of [Unit]: systemd.unit(5). */
#include "condition.h"
#include "parse.h"

#define ROW(text, which, is_assertion) \
	{ .name = text, .sections = IN_UNIT, .kind = HONOURED, .parse = parse_condition, .arg = which, \
	  .max = is_assertion, .takes_empty = true }
#define BOTH(text, which) ROW("Condition" text, which, 0), ROW("Assert" text, which, 1)

static const struct directive rows[] = {
	BOTH("ACPower", CONDITION_AC_POWER),
	BOTH("Architecture", CONDITION_ARCHITECTURE),
	BOTH("Capability", CONDITION_CAPABILITY),
	BOTH("ControlGroupController", CONDITION_CONTROL_GROUP_CONTROLLER),
	BOTH("CPUFeature", CONDITION_CPU_FEATURE),
	BOTH("CPUPressure", CONDITION_CPU_PRESSURE),
	BOTH("CPUs", CONDITION_CPUS),
	BOTH("Credential", CONDITION_CREDENTIAL),
	BOTH("DirectoryNotEmpty", CONDITION_DIRECTORY_NOT_EMPTY),
	BOTH("Environment", CONDITION_ENVIRONMENT),
	BOTH("FileIsExecutable", CONDITION_FILE_IS_EXECUTABLE),
	BOTH("FileNotEmpty", CONDITION_FILE_NOT_EMPTY),
	BOTH("Firmware", CONDITION_FIRMWARE),
	BOTH("FirstBoot", CONDITION_FIRST_BOOT),
	BOTH("Group", CONDITION_GROUP),
	BOTH("Host", CONDITION_HOST),
	BOTH("IOPressure", CONDITION_IO_PRESSURE),
	BOTH("KernelCommandLine", CONDITION_KERNEL_COMMAND_LINE),
	BOTH("KernelModuleLoaded", CONDITION_KERNEL_MODULE_LOADED),
	BOTH("KernelVersion", CONDITION_KERNEL_VERSION),
	BOTH("Version", CONDITION_KERNEL_VERSION),
	BOTH("Memory", CONDITION_MEMORY),
	BOTH("MemoryPressure", CONDITION_MEMORY_PRESSURE),
	BOTH("NeedsUpdate", CONDITION_NEEDS_UPDATE),
	BOTH("OSRelease", CONDITION_OS_RELEASE),
	BOTH("PathExists", CONDITION_PATH_EXISTS),
	BOTH("PathExistsGlob", CONDITION_PATH_EXISTS_GLOB),
	BOTH("PathIsDirectory", CONDITION_PATH_IS_DIRECTORY),
	BOTH("PathIsEncrypted", CONDITION_PATH_IS_ENCRYPTED),
	BOTH("PathIsMountPoint", CONDITION_PATH_IS_MOUNT_POINT),
	BOTH("PathIsReadWrite", CONDITION_PATH_IS_READ_WRITE),
	BOTH("PathIsSocket", CONDITION_PATH_IS_SOCKET),
	BOTH("PathIsSymbolicLink", CONDITION_PATH_IS_SYMBOLIC_LINK),
	BOTH("Security", CONDITION_SECURITY),
	BOTH("User", CONDITION_USER),
	BOTH("Virtualization", CONDITION_VIRTUALIZATION),
};

const struct directive_piece directives_condition = { rows, sizeof rows / sizeof *rows };
