#include "callfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>

#include "../unit/calls.h"
#include "callrules.h"

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#endif

/* --- The program, a piece at a time --- */

static void put(struct callfilter *f, struct sock_filter code)
{
	if (f->n < CALLFILTER_ROOM)
		f->code[f->n] = code;
	f->n++;
}

static void put_load(struct callfilter *f, size_t offset)
{
	put(f, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Skips `yes` or `no` pieces. */
static void put_test(struct callfilter *f, uint16_t test, uint32_t value, uint8_t yes, uint8_t no)
{
	put(f, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | BPF_K | test), value, yes, no));
}

static void put_return(struct callfilter *f, uint32_t value)
{
	put(f, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

static void put_answer(struct callfilter *f, const struct sandbox *box, int answer)
{
	if (answer == CALL_DENIED)
		answer = box->call_error;
	if (answer == CALL_ALLOWED)
		put_return(f, SECCOMP_RET_ALLOW);
	else if (answer == CALL_KILLED)
		put_return(f, SECCOMP_RET_KILL_PROCESS);
	else
		put_return(f, SECCOMP_RET_ERRNO | (uint32_t)answer);
}

/* --- Tests of arguments --- */

/* An argument's lower half is all that the kernel looks at where this is used. */
static void put_argument(struct callfilter *f, unsigned i)
{
	put_load(f, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t));
}

static void put_families(struct callfilter *f, const struct families *families, int error)
{
	uint32_t denied = SECCOMP_RET_ERRNO | (uint32_t)error;
	uint32_t listed = families->kind == FAMILIES_BUT ? denied : SECCOMP_RET_ALLOW;

	for (unsigned i = 0; i < FAMILY_NUMBERS; i++)
		if (families->listed >> i & 1) {
			put_test(f, BPF_JEQ, i, 0, 1);
			put_return(f, listed);
		}
	put_return(f, families->kind == FAMILIES_BUT ? SECCOMP_RET_ALLOW : denied);
}

/* Ends in a denial, or falls through to what follows it. */
static void put_rule(struct callfilter *f, const struct sandbox *box, const struct call_rule *r)
{
	uint32_t denial = SECCOMP_RET_ERRNO | (uint32_t)r->error;

	if (r->test != RULE_ALWAYS)
		put_argument(f, r->argument);
	switch (r->test) {
	case RULE_ALWAYS:
		put_return(f, denial);
		return;
	case RULE_ANY_BIT:
		put_test(f, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_ANY_BIT_OR_NONE:
		put_test(f, BPF_JEQ, 0, 1, 0);
		put_test(f, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_ALL_BITS:
		put(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, r->value));
		put_test(f, BPF_JEQ, r->value, 0, 1);
		break;
	case RULE_OTHER:
		put_test(f, BPF_JEQ, r->value, 2, 0);
		put_test(f, BPF_JEQ, UINT32_MAX, 1, 0);
		break;
	case RULE_CREATES:
		put_test(f, BPF_JSET, O_CREAT | (O_TMPFILE & ~O_DIRECTORY), 0, 3);
		put_argument(f, r->argument + 1u);
		put_test(f, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_REALTIME:
		put(f, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
		                                    ~(uint32_t)SCHED_RESET_ON_FORK));
		put_test(f, BPF_JEQ, SCHED_OTHER, 3, 0);
		put_test(f, BPF_JEQ, SCHED_BATCH, 2, 0);
		put_test(f, BPF_JEQ, SCHED_IDLE, 1, 0);
		break;
	case RULE_FAMILY:
		put_families(f, &box->families, r->error);
		return;
	}
	put_return(f, denial);
	put_return(f, SECCOMP_RET_ALLOW);
}

/* --- The tree --- */

/* Numbers from `first` on, up to the next run's, have this leaf: an answer, or where
 * that is CALL_ALLOWED perhaps a rule. */
struct run {
	unsigned first;
	int answer;
	const struct call_rule *rule;
};

struct tree {
	struct run runs[CALL_NUMBERS + 1];
	unsigned n;
};

static void put_tree(struct callfilter *f, const struct sandbox *box, const struct run *runs,
                     unsigned n)
{
	unsigned jump, half = n / 2;

	if (n == 1) {
		if (runs->rule)
			put_rule(f, box, runs->rule);
		else
			put_answer(f, box, runs->answer);
		return;
	}
	/* a conditional jump reaches 255 pieces, the other any number */
	put_test(f, BPF_JGE, runs[half].first, 0, 1);
	jump = f->n;
	put(f, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0));
	put_tree(f, box, runs, half);
	if (jump < CALLFILTER_ROOM)
		f->code[jump].k = f->n - jump - 1;
	put_tree(f, box, runs + half, n - half);
}

static void add_run(struct tree *t, struct run r)
{
	const struct run *last = t->n ? &t->runs[t->n - 1] : NULL;

	if (!last || last->answer != r.answer || last->rule || r.rule)
		t->runs[t->n++] = r;
}

static void grow_tree(struct tree *t, const struct sandbox *box, const struct call_rules *rules)
{
	const struct call_filter *calls = box->calls;
	bool only_listed = calls && calls->allows_listed;
	unsigned end = calls_end();

	for (unsigned i = 0; i < end; i++) {
		struct run r = { i, calls ? calls->answer[i] : CALL_ALLOWED, NULL };

		if (r.answer == CALL_ALLOWED)
			r.rule = callrules_find(rules, i);
		add_run(t, r);
	}
	/* what came after this was written is not there, as on the kernels before */
	add_run(t, (struct run){ end, only_listed ? ENOSYS : CALL_ALLOWED, NULL });
}

bool callfilter_make(struct callfilter *f, const struct sandbox *box, uint32_t personality)
{
	struct call_rules rules;
	struct tree t;

	f->n = t.n = 0;
	callrules_make(&rules, box, personality);
	if (!box->calls && !box->native_calls && rules.n == 0)
		return true;
#ifdef MACHINE
	put_load(f, offsetof(struct seccomp_data, arch));
	put_test(f, BPF_JEQ, MACHINE, 1, 0);
	put_return(f, SECCOMP_RET_KILL_PROCESS);
	put_load(f, offsetof(struct seccomp_data, nr));
#ifdef X32_BIT
	put_test(f, BPF_JGE, X32_BIT, 0, 1);
	put_return(f, SECCOMP_RET_ERRNO | ENOSYS);
#endif
	grow_tree(&t, box, &rules);
	put_tree(f, box, t.runs, t.n);
	return f->n <= CALLFILTER_ROOM;
#else
	return false;
#endif
}
