/* keytab: a table that says which key fills which member of a struct.
 *
 * Shared by the kernel command line and slate.conf: each further setting is a
 * row. Several rows may name the same member (aliases).  */
#ifndef BASE_KEYTAB_H
#define BASE_KEYTAB_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "span.h"

enum key_kind {
	KEY_KIND_NONE,
	KEY_KIND_TEXT,   /* char[size] */
	KEY_KIND_UINT,   /* uint64_t; "no" is 0, where that is allowed */
	KEY_KIND_FLAG,   /* bool: a bare name, or yes/no/1/0/true/false/on/off */
	KEY_KIND_CHOICE, /* an enum, int sized: the index of the word in `choices` */
};

struct key {
	const char *name;
	enum key_kind kind;
	size_t offset, size;       /* of the member in the struct being filled */
	uint64_t min, max;         /* KEY_UINT only, both included */
	const char *const *choices; /* KEY_CHOICE only; index 0 is "not set"; ends with NULL */
	const char *bare;          /* the value a bare name stands for; NULL: a value is needed */
};

#define KEY_MEMBER(type, member) offsetof(type, member), sizeof ((type *)0)->member
#define KEY_TEXT(name, type, member) \
	{ name, KEY_KIND_TEXT, KEY_MEMBER(type, member), 0, 0, NULL, NULL }
#define KEY_TEXT_OR(name, type, member, bare) \
	{ name, KEY_KIND_TEXT, KEY_MEMBER(type, member), 0, 0, NULL, bare }
#define KEY_UINT(name, type, member, min, max) \
	{ name, KEY_KIND_UINT, KEY_MEMBER(type, member), min, max, NULL, NULL }
#define KEY_FLAG(name, type, member) \
	{ name, KEY_KIND_FLAG, KEY_MEMBER(type, member), 0, 0, NULL, "yes" }
#define KEY_CHOICE(name, type, member, choices, bare) \
	{ name, KEY_KIND_CHOICE, KEY_MEMBER(type, member), 0, 0, choices, bare }

/* Stores `value` in the member that the row named `name` points at; a value
 * with .at == NULL is a bare name.
 * 1: stored; 0: no such key (the caller knows whether that matters);
 * -1: the key is ours and the value is bad, *e says how, *into untouched. */
int keytab_set(const struct key *keys, size_t n, struct span name, struct span value, void *into,
               struct err *e);

/* yes/no, 1/0, true/false, on/off. False when it is none of them. */
bool keytab_bool(struct span value, bool *out);

#endif
