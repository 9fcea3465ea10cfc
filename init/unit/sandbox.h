/* sandbox: what a unit's processes are kept from, as read from the files.
 *
 * Plain data, owned by the arena of the set; a unit that asks for nothing has none.
 * Carried out by the service's process (init/exec). See systemd.exec(5),
 * "Capabilities", "Security", "Sandboxing", "System Call Filtering".  */
#ifndef UNIT_SANDBOX_H
#define UNIT_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "exec.h"

#define SANDBOX_ALL_CAPABILITIES UINT64_MAX /* CapabilityBoundingSet= is not set */

/* --- System calls --- */

enum { CALL_NUMBERS = 512 }; /* a call's number is below; see calls.h */

enum call_answer { /* or the number of an error, above 0 */
	CALL_DENIED = 0,  /* as SystemCallErrorNumber= says */
	CALL_ALLOWED = -1,
	CALL_KILLED = -2, /* whatever SystemCallErrorNumber= says */
};

/* SystemCallFilter=. */
struct call_filter {
	bool allows_listed; /* what is not in the table of calls is denied, too */
	int16_t answer[CALL_NUMBERS]; /* enum call_answer, by number */
};

/* --- Address families --- */

enum { FAMILY_NUMBERS = 64 };

enum families_kind { FAMILIES_ANY, FAMILIES_ONLY, FAMILIES_BUT };

struct families { /* RestrictAddressFamilies= */
	enum families_kind kind;
	uint64_t listed; /* a bit for each AF_… */
};

/* Namespaces that RestrictNamespaces= denies: CLONE_NEW… bits. */
#define NAMESPACES_ALL UINT32_C(0x7e020080)

/* --- Files --- */

enum protect_system { SYSTEM_OPEN, SYSTEM_YES, SYSTEM_FULL, SYSTEM_STRICT };
enum protect_home { HOME_OPEN, HOME_HIDDEN, HOME_READ_ONLY, HOME_TMPFS };
enum protect_proc { PROC_DEFAULT, PROC_NO_ACCESS, PROC_INVISIBLE, PROC_PTRACEABLE };
enum proc_subset { PROC_ALL, PROC_PID };

enum path_list {
	PATHS_READ_WRITE,
	PATHS_READ_ONLY,
	PATHS_INACCESSIBLE,
	PATHS_EXEC,
	PATHS_NO_EXEC,
	PATH_LISTS
};

struct sandbox_bind { /* BindPaths=, BindReadOnlyPaths= */
	const char *from, *to; /* absolute */
	bool optional;  /* "-": nothing is wrong when `from` is missing */
	bool read_only;
	bool flat;      /* norbind: without what is mounted below */
};

struct sandbox_tmpfs { /* TemporaryFileSystem= */
	const char *at, *options; /* options: "" for none */
};

/* --- Devices --- */

enum device_policy { DEVICES_AUTO, DEVICES_CLOSED, DEVICES_STRICT };

enum device_access { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4 }; /* as linux/bpf.h */

struct sandbox_device { /* DeviceAllow= */
	const char *name;    /* "/dev/NODE"; "char-NAME", "block-NAME" of /proc/devices, with * */
	unsigned access;     /* enum device_access */
};

enum keyring_mode { KEYRING_INHERIT, KEYRING_PRIVATE, KEYRING_SHARED };

struct sandbox {
	uint64_t bounding; /* a bit for each CAP_… that may be had */
	uint64_t ambient;
	uint32_t secure_bits; /* SECBIT_… of linux/securebits.h */

	const struct call_filter *calls; /* NULL: none */
	int call_error; /* enum call_answer: what CALL_DENIED means; CALL_KILLED */
	struct families families;
	uint32_t denied_namespaces;
	bool native_calls; /* SystemCallArchitectures=native */
	bool lock_personality, no_realtime, no_suid_sgid, no_write_execute;

	bool protect_clock, protect_hostname, protect_kernel_logs, protect_kernel_modules;
	bool protect_kernel_tunables, protect_control_groups;
	bool private_tmp, private_devices, private_mounts, private_network, private_ipc;
	bool private_pids;
	enum protect_system system;
	enum protect_home home;
	enum protect_proc proc;
	enum proc_subset proc_subset;
	struct text_list paths[PATH_LISTS]; /* absolute; "-" in front: may be missing */
	const struct sandbox_bind *binds;
	unsigned binds_n;
	const struct sandbox_tmpfs *tmpfs;
	unsigned tmpfs_n;
	enum keyring_mode keyring;
	enum device_policy devices;
	const struct sandbox_device *device;
	unsigned devices_n;
	bool no_addresses; /* IPAddressDeny=any */
	bool private_users, remove_ipc;
};

#endif
