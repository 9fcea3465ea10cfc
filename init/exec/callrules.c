#include "callrules.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define NR_FCHMODAT2 452 /* on all machines; headers may lack it */
#define SET_ID (S_ISUID | S_ISGID)

struct piece {
	const struct call_rule *rules;
	unsigned n;
};

#define DENIED(call, error) { call, RULE_ALWAYS, 0, 0, error }

static const struct call_rule clock_rules[] = {
	DENIED(SYS_adjtimex, EPERM),
	DENIED(SYS_clock_adjtime, EPERM),
	DENIED(SYS_clock_settime, EPERM),
	DENIED(SYS_settimeofday, EPERM),
};

static const struct call_rule module_rules[] = {
	DENIED(SYS_init_module, EPERM),
	DENIED(SYS_finit_module, EPERM),
	DENIED(SYS_delete_module, EPERM),
};

static const struct call_rule log_rules[] = { DENIED(SYS_syslog, EPERM) };

#ifdef SYS_iopl /* ports are x86's */
static const struct call_rule raw_rules[] = {
	DENIED(SYS_ioperm, EPERM),
	DENIED(SYS_iopl, EPERM),
};
#endif

static const struct call_rule hostname_rules[] = {
	DENIED(SYS_sethostname, EPERM),
	DENIED(SYS_setdomainname, EPERM),
};

/* What sched_setattr(2) is to set lies behind a pointer, where no filter sees it. */
static const struct call_rule realtime_rules[] = {
	{ SYS_sched_setscheduler, RULE_REALTIME, 1, 0, EPERM },
	DENIED(SYS_sched_setattr, EPERM),
};

/* So does the mode of openat2(2), and all that io_uring is asked for: they are not there. */
static const struct call_rule set_id_rules[] = {
	{ SYS_fchmod, RULE_ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_fchmodat, RULE_ANY_BIT, 2, SET_ID, EPERM },
	{ NR_FCHMODAT2, RULE_ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_mkdirat, RULE_ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_mknodat, RULE_ANY_BIT, 2, SET_ID, EPERM },
	{ SYS_openat, RULE_CREATES, 2, SET_ID, EPERM },
	DENIED(SYS_openat2, ENOSYS),
#ifdef SYS_open
	{ SYS_chmod, RULE_ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_mkdir, RULE_ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_mknod, RULE_ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_creat, RULE_ANY_BIT, 1, SET_ID, EPERM },
	{ SYS_open, RULE_CREATES, 1, SET_ID, EPERM },
#endif
};

static const struct call_rule execute_rules[] = {
	{ SYS_mmap, RULE_ALL_BITS, 2, PROT_WRITE | PROT_EXEC, EPERM },
	{ SYS_mprotect, RULE_ANY_BIT, 2, PROT_EXEC, EPERM },
	{ SYS_pkey_mprotect, RULE_ANY_BIT, 2, PROT_EXEC, EPERM },
	{ SYS_shmat, RULE_ANY_BIT, 2, SHM_EXEC, EPERM },
};

static const struct call_rule uring_rules[] = { DENIED(SYS_io_uring_setup, ENOSYS) };

static void add(struct call_rules *rules, struct call_rule r)
{
	if (!callrules_find(rules, r.call) && rules->n < CALL_RULES_MAX)
		rules->at[rules->n++] = r;
}

/* The flags of clone3(2) lie behind a pointer; libraries know what ENOSYS means. */
static void add_namespaces(struct call_rules *rules, uint32_t denied)
{
	/* CLONE_NEWTIME is a part of the signal's number in clone(2) */
	uint32_t in_clone = denied & ~UINT32_C(0xff);

	add(rules, (struct call_rule){ SYS_unshare, RULE_ANY_BIT, 0, denied, EPERM });
	add(rules, (struct call_rule){ SYS_clone, RULE_ANY_BIT, 0, in_clone, EPERM });
	add(rules, (struct call_rule)DENIED(SYS_clone3, ENOSYS));
	if (denied == NAMESPACES_ALL)
		add(rules, (struct call_rule)DENIED(SYS_setns, EPERM));
	else
		add(rules, (struct call_rule){ SYS_setns, RULE_ANY_BIT_OR_NONE, 1, denied, EPERM });
}

void callrules_make(struct call_rules *rules, const struct sandbox *box, uint32_t personality)
{
	bool families = box->families.kind != FAMILIES_ANY;
#define PIECE(wanted, table) { wanted ? table : NULL, sizeof table / sizeof *table }
	const struct call_rule locked = { SYS_personality, RULE_OTHER, 0, personality, EPERM };
	const struct piece pieces[] = {
		PIECE(box->protect_clock, clock_rules),
		PIECE(box->protect_kernel_modules, module_rules),
		PIECE(box->protect_kernel_logs, log_rules),
#ifdef SYS_iopl
		PIECE(box->private_devices, raw_rules),
#endif
		PIECE(box->protect_hostname, hostname_rules),
		PIECE(box->no_realtime, realtime_rules),
		PIECE(box->no_suid_sgid, set_id_rules),
		PIECE(box->no_write_execute, execute_rules),
		PIECE((box->no_suid_sgid || families), uring_rules),
	};

	rules->n = 0;
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		for (unsigned k = 0; pieces[i].rules && k < pieces[i].n; k++)
			add(rules, pieces[i].rules[k]);
	if (box->denied_namespaces)
		add_namespaces(rules, box->denied_namespaces);
	if (box->lock_personality)
		add(rules, locked);
	if (families)
		add(rules, (struct call_rule){ SYS_socket, RULE_FAMILY, 0, 0, EAFNOSUPPORT });
}

const struct call_rule *callrules_find(const struct call_rules *rules, unsigned call)
{
	for (unsigned i = 0; i < rules->n; i++)
		if (rules->at[i].call == call)
			return &rules->at[i];
	return NULL;
}
