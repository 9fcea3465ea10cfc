/* child: what a new process does between its birth and the service's exec.
 *
 * A table of steps, each with the exit status that its failure means. Runs in a
 * copy of PID 1 with every signal blocked; it may allocate and block.  */
#ifndef EXEC_CHILD_H
#define EXEC_CHILD_H

#include "account.h"
#include "environment.h"
#include "spawn.h"

enum child_exit { /* systemd.exec(5), "Process Exit Codes" */
	CHILD_CHDIR = 200,
	CHILD_NICE = 201,
	CHILD_FDS = 202,
	CHILD_EXEC = 203,
	CHILD_MEMORY = 204,
	CHILD_LIMITS = 205,
	CHILD_OOM = 206,
	CHILD_STDIN = 208,
	CHILD_STDOUT = 209,
	CHILD_IOPRIO = 211,
	CHILD_SCHED = 214,
	CHILD_CPUS = 215,
	CHILD_GROUP = 216,
	CHILD_USER = 217,
	CHILD_CAPABILITIES = 218,
	CHILD_CGROUP = 219,
	CHILD_SETSID = 220,
	CHILD_STDERR = 222,
	CHILD_NETWORK = 225,
	CHILD_NAMESPACE = 226,
	CHILD_NO_NEW_PRIVS = 227,
	CHILD_SECCOMP = 228,
	CHILD_SELINUX = 229,
	CHILD_APPARMOR = 231,
	CHILD_RUNTIME_DIR = 233,
	CHILD_KEYRING = 237,
	CHILD_STATE_DIR = 238,
	CHILD_CACHE_DIR = 239,
	CHILD_LOGS_DIR = 240,
	CHILD_CONFIGURATION_DIR = 241,
};

enum { CHILD_WORDS = 4096 };

/* What the exec takes. The manager has it, and only its children ever write there: in
 * PID 1 itself it takes no memory, and they need not ask the kernel for any. */
struct child_memory {
	struct environment env;
	const char *words[CHILD_WORDS];
	char bytes[256 * 1024];
};

struct child {
	const struct spawn *s;
	const struct exec_config *config;
	const struct sandbox *box; /* NULL: none, or none for this command */
	struct child_memory *memory;
	struct environment *env; /* in it */
	struct account account; /* of User=, else root's numbers */
	bool has_user;          /* User= is there and applies to this command */
	gid_t gid;
	int status;             /* a step may say a more exact one than its row */
};

/* Does not return. `joined`: it was born in its control group. */
_Noreturn void child_run(const struct spawn *s, bool joined);

/* Standard input, output and error, terminals included (childio.c). */
int child_stdin(struct child *c, struct err *e);
int child_stdout(struct child *c, struct err *e);
int child_stderr(struct child *c, struct err *e);

/* RuntimeDirectory= and its kin, with their variables (childdirs.c). */
int child_dirs(struct child *c, struct err *e);

/* AppArmorProfile= and SELinuxContext=, from the exec on (childlabel.c). */
int child_label(struct child *c, struct err *e);

/* The steps of a sandbox, for a child that has one.
 *
 * Devices and addresses, of the control group (childgroup.c). */
int child_group(struct child *c, struct err *e);

/* Namespaces (childspaces.c), while this is still root with all that it may do; the
 * one for mounts with all that is in it (childmounts.c). */
int child_spaces(struct child *c, struct err *e);
int child_mounts(struct child *c, struct err *e); /* for the one before */
int child_keyring(struct child *c, struct err *e);

/* PrivateUsers=, when the groups are set and before the user is (childusers.c). */
int child_users(struct child *c, struct err *e);

/* CapabilityBoundingSet= and SecureBits= before the change of user, the sets of the
 * process itself after it (childcaps.c). */
int child_bounding(struct child *c, struct err *e);
int child_capabilities(struct child *c, struct err *e);

/* The filter of system calls, last of all (childfilter.c). */
int child_filter(struct child *c, struct err *e);

/* The variables of the process (childenv.c). */
int child_environment(struct child *c, struct err *e);

#endif
