/* condition: ConditionPathExists= and the others, checked against a root.
 *
 * Checking looks at files, which may hang on a dead network mount: PID 1 does it
 * in a child. See systemd.unit(5), "Conditions and Asserts". */
#ifndef UNIT_CONDITION_H
#define UNIT_CONDITION_H

#include "unit.h"

enum condition_kind {
	CONDITION_NONE,
	CONDITION_AC_POWER,
	CONDITION_ARCHITECTURE,
	CONDITION_CAPABILITY,
	CONDITION_CONTROL_GROUP_CONTROLLER,
	CONDITION_CPU_FEATURE,
	CONDITION_CPU_PRESSURE,
	CONDITION_CPUS,
	CONDITION_CREDENTIAL,
	CONDITION_DIRECTORY_NOT_EMPTY,
	CONDITION_ENVIRONMENT,
	CONDITION_FILE_IS_EXECUTABLE,
	CONDITION_FILE_NOT_EMPTY,
	CONDITION_FIRMWARE,
	CONDITION_FIRST_BOOT,
	CONDITION_GROUP,
	CONDITION_HOST,
	CONDITION_IO_PRESSURE,
	CONDITION_KERNEL_COMMAND_LINE,
	CONDITION_KERNEL_MODULE_LOADED,
	CONDITION_KERNEL_VERSION,
	CONDITION_MEMORY,
	CONDITION_MEMORY_PRESSURE,
	CONDITION_NEEDS_UPDATE,
	CONDITION_OS_RELEASE,
	CONDITION_PATH_EXISTS,
	CONDITION_PATH_EXISTS_GLOB,
	CONDITION_PATH_IS_DIRECTORY,
	CONDITION_PATH_IS_ENCRYPTED,
	CONDITION_PATH_IS_MOUNT_POINT,
	CONDITION_PATH_IS_READ_WRITE,
	CONDITION_PATH_IS_SOCKET,
	CONDITION_PATH_IS_SYMBOLIC_LINK,
	CONDITION_SECURITY,
	CONDITION_USER,
	CONDITION_VIRTUALIZATION,
	CONDITIONS
};

/* Is the value one that the condition can have? 0, or -1 with *e. */
int condition_valid(enum condition_kind kind, struct span value, struct err *e);

/* Does it hold on the machine whose root is `root`? `negate` is applied.
 * 1: yes; 0: no; -1 with *e: that can't be told here, which counts as no. */
int condition_holds(const struct unit_condition *c, int root, struct err *e);

/* All of a unit's conditions together: each that is no trigger must hold, and one
 * of the triggers if there are any; likewise the assertions.
 * NULL: the unit may start; else the first that keeps it from starting: an
 * assertion (the start fails) or a condition (the start is skipped). */
const struct unit_condition *condition_failed(const struct unit *u, int root);

/* True when this program can check conditions of this kind. */
bool condition_is_supported(enum condition_kind kind);

#endif
