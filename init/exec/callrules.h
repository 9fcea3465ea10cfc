/* callrules: the calls that directives other than SystemCallFilter= deny, some only with
 * certain arguments. Pure.  */
#ifndef EXEC_CALLRULES_H
#define EXEC_CALLRULES_H

#include "../unit/sandbox.h"

enum call_test { /* denied when the argument … */
	RULE_ALWAYS,
	RULE_ANY_BIT,         /* … has a bit of value */
	RULE_ANY_BIT_OR_NONE, /* … or is 0 */
	RULE_ALL_BITS,        /* … has all bits of value */
	RULE_OTHER,           /* … is neither value nor all ones */
	RULE_CREATES,         /* … makes a file, and the next one has a bit of value */
	RULE_REALTIME,        /* … is a scheduling policy of another kind than the ordinary */
	RULE_FAMILY,          /* … is a family that RestrictAddressFamilies= denies */
};

struct call_rule {
	uint16_t call;
	uint8_t test;     /* enum call_test */
	uint8_t argument; /* from 0 */
	uint32_t value;
	int error;        /* what a denied call returns */
};

enum { CALL_RULES_MAX = 64 };

struct call_rules {
	struct call_rule at[CALL_RULES_MAX]; /* a call is in it once */
	unsigned n;
};

void callrules_make(struct call_rules *rules, const struct sandbox *box, uint32_t personality);
const struct call_rule *callrules_find(const struct call_rules *rules, unsigned call);

#endif
