/* calls_groups: the bits of struct call_row's `groups`; private to the table and to what
 * reads it.  */
#ifndef UNIT_CALLS_GROUPS_H
#define UNIT_CALLS_GROUPS_H

#include "calls.h"

/* As systemd.exec(5) has them, "System Call Filtering". */
enum {
	DEFAULT = 1u << 0,
	AIO = 1u << 1,
	BASIC_IO = 1u << 2,
	CHOWN = 1u << 3,
	CLOCK = 1u << 4,
	CPU_EMULATION = 1u << 5,
	DEBUG = 1u << 6,
	FILE_SYSTEM = 1u << 7,
	IO_EVENT = 1u << 8,
	IPC = 1u << 9,
	KEYRING = 1u << 10,
	MEMLOCK = 1u << 11,
	MODULE = 1u << 12,
	MOUNT = 1u << 13,
	NETWORK_IO = 1u << 14,
	OBSOLETE = 1u << 15,
	PKEY = 1u << 16,
	PRIVILEGED = 1u << 17,
	PROCESS = 1u << 18,
	RAW_IO = 1u << 19,
	REBOOT = 1u << 20,
	RESOURCES = 1u << 21,
	SETUID = 1u << 22,
	SIGNAL = 1u << 23,
	SWAP = 1u << 24,
	SYNC = 1u << 25,
	SYSTEM_SERVICE = 1u << 26,
	TIMER = 1u << 27,
	SANDBOX = 1u << 28, /* since systemd 257 */
	KNOWN = 1u << 29,   /* of every call */
};

extern const struct call_row calls_rows[];
extern const unsigned calls_rows_n;

#endif
