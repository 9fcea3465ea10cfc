#include "callfilter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

#include "../unit/calls.h"
#include "callrules.h"

static void put_answer(struct seccomp *p, const struct sandbox *box, int answer)
{
	if (answer == CALL_DENIED)
		answer = box->call_error;
	if (answer == CALL_ALLOWED)
		seccomp_return(p, SECCOMP_RET_ALLOW);
	else if (answer == CALL_KILLED)
		seccomp_return(p, SECCOMP_RET_KILL_PROCESS);
	else
		seccomp_return(p, SECCOMP_RET_ERRNO | (uint32_t)answer);
}

/* --- Tests of arguments --- */

static void put_families(struct seccomp *p, const struct families *families, int error)
{
	uint32_t denied = SECCOMP_RET_ERRNO | (uint32_t)error;
	uint32_t listed = families->kind == FAMILIES_BUT ? denied : SECCOMP_RET_ALLOW;

	for (unsigned i = 0; i < FAMILY_NUMBERS; i++)
		if (families->listed >> i & 1)
			seccomp_return_if(p, i, listed);
	seccomp_return(p, families->kind == FAMILIES_BUT ? SECCOMP_RET_ALLOW : denied);
}

/* Ends in a denial, or falls through to what follows it. */
static void put_rule(struct seccomp *p, const struct sandbox *box, const struct call_rule *r)
{
	uint32_t denial = SECCOMP_RET_ERRNO | (uint32_t)r->error;

	if (r->test != RULE_ALWAYS)
		seccomp_argument(p, r->argument);
	switch (r->test) {
	case RULE_ALWAYS:
		seccomp_return(p, denial);
		return;
	case RULE_ANY_BIT:
		seccomp_test(p, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_ANY_BIT_OR_NONE:
		seccomp_test(p, BPF_JEQ, 0, 1, 0);
		seccomp_test(p, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_ALL_BITS:
		seccomp_mask(p, r->value);
		seccomp_test(p, BPF_JEQ, r->value, 0, 1);
		break;
	case RULE_OTHER:
		seccomp_test(p, BPF_JEQ, r->value, 2, 0);
		seccomp_test(p, BPF_JEQ, UINT32_MAX, 1, 0);
		break;
	case RULE_CREATES:
		seccomp_test(p, BPF_JSET, O_CREAT | (O_TMPFILE & ~O_DIRECTORY), 0, 3);
		seccomp_argument(p, r->argument + 1u);
		seccomp_test(p, BPF_JSET, r->value, 0, 1);
		break;
	case RULE_REALTIME:
		seccomp_mask(p, ~(uint32_t)SCHED_RESET_ON_FORK);
		seccomp_test(p, BPF_JEQ, SCHED_OTHER, 3, 0);
		seccomp_test(p, BPF_JEQ, SCHED_BATCH, 2, 0);
		seccomp_test(p, BPF_JEQ, SCHED_IDLE, 1, 0);
		break;
	case RULE_FAMILY:
		put_families(p, &box->families, r->error);
		return;
	}
	seccomp_return(p, denial);
	seccomp_return(p, SECCOMP_RET_ALLOW);
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

static void put_tree(struct seccomp *p, const struct sandbox *box, const struct run *runs,
                     unsigned n)
{
	unsigned jump, half = n / 2;

	if (n == 1) {
		if (runs->rule)
			put_rule(p, box, runs->rule);
		else
			put_answer(p, box, runs->answer);
		return;
	}
	seccomp_test(p, BPF_JGE, runs[half].first, 0, 1);
	jump = seccomp_jump(p);
	put_tree(p, box, runs, half);
	seccomp_land(p, jump);
	put_tree(p, box, runs + half, n - half);
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

bool callfilter_make(struct seccomp *p, const struct sandbox *box, uint32_t personality)
{
	struct call_rules rules;
	struct tree t;

	p->n = t.n = 0;
	callrules_make(&rules, box, personality);
	if (!box->calls && !box->native_calls && rules.n == 0)
		return true;
	if (!seccomp_begin(p))
		return false;
	grow_tree(&t, box, &rules);
	put_tree(p, box, t.runs, t.n);
	return p->n <= p->room;
}
