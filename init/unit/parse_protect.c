/* Capabilities, namespaces, system calls: what a process may ask of the kernel. */
#include "parse.h"

#include <errno.h>
#include <linux/securebits.h>
#include <sched.h>
#include <string.h>

#include "calls.h"
#include "capability.h"
#include "family.h"
#include "value.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static struct sandbox *sandbox_of(const struct setting *s)
{
	return &s->draft->sandbox;
}

/* Takes a leading ~ off, which turns a list into its opposite. */
static bool take_tilde(struct span *value)
{
	bool is_inverse = span_starts(*value, "~");

	*value = span_trim(span_from(*value, is_inverse));
	return is_inverse;
}

/* --- Capabilities --- */

/* The first line replaces what is there if nothing was said, others add to it; with ~
 * they take away. `arg`: what the set is while nothing was said. */
int parse_capabilities(const struct setting *s, struct err *e)
{
	struct span left = s->value, word;
	bool is_inverse = take_tilde(&left);
	uint64_t set, sum = 0, unset = (uint64_t)s->row->arg;

	memcpy(&set, s->member, sizeof set);
	while (span_word(&left, " \t", &word)) {
		int cap = capability_find(word);

		if (cap < 0)
			return err_say(e, "not a capability: %.*s", SPAN_ARGS(word));
		sum |= UINT64_C(1) << cap;
	}
	if (sum == 0 || set == unset)
		set = is_inverse ? ~sum : sum;
	else
		set = is_inverse ? set & ~sum : set | sum;
	memcpy(s->member, &set, sizeof set);
	return 0;
}

int parse_secure_bits(const struct setting *s, struct err *e)
{
	static const struct {
		char name[24];
		uint32_t bit;
	} bits[] = {
		{ "keep-caps", SECBIT_KEEP_CAPS },
		{ "keep-caps-locked", SECBIT_KEEP_CAPS_LOCKED },
		{ "no-setuid-fixup", SECBIT_NO_SETUID_FIXUP },
		{ "no-setuid-fixup-locked", SECBIT_NO_SETUID_FIXUP_LOCKED },
		{ "noroot", SECBIT_NOROOT },
		{ "noroot-locked", SECBIT_NOROOT_LOCKED },
	};
	struct span left = s->value, word;

	while (span_word(&left, " \t", &word)) {
		uint32_t before = sandbox_of(s)->secure_bits;
		bool known = false;

		for (size_t i = 0; i < sizeof bits / sizeof *bits; i++)
			if (span_is(word, bits[i].name)) {
				sandbox_of(s)->secure_bits = before | bits[i].bit;
				known = true;
			}
		if (!known)
			return err_say(e, "not a secure bit: %.*s", SPAN_ARGS(word));
	}
	return 0;
}

/* --- Namespaces --- */

static uint32_t namespace_of(struct span name)
{
	static const struct {
		char name[8];
		uint32_t bit;
	} rows[] = {
		{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC },   { "net", CLONE_NEWNET },
		{ "mnt", CLONE_NEWNS },        { "pid", CLONE_NEWPID },   { "user", CLONE_NEWUSER },
		{ "uts", CLONE_NEWUTS },       { "time", CLONE_NEWTIME },
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(name, rows[i].name))
			return rows[i].bit;
	return 0;
}

int parse_namespaces(const struct setting *s, struct err *e)
{
	struct span left = s->value, word;
	uint32_t *denied = &sandbox_of(s)->denied_namespaces, sum = 0;
	bool is_inverse, all;

	if (value_bool(s->value, &all)) {
		*denied = all ? NAMESPACES_ALL : 0;
		return 0;
	}
	is_inverse = take_tilde(&left);
	while (span_word(&left, " \t", &word)) {
		uint32_t bit = namespace_of(word);

		if (!bit)
			return err_say(e, "not a kind of namespace: %.*s", SPAN_ARGS(word));
		sum |= bit;
	}
	if (is_inverse)
		*denied |= sum;
	else if (*denied == 0)
		*denied = NAMESPACES_ALL & ~sum;
	else
		*denied &= ~sum;
	return 0;
}

/* --- Address families --- */

int parse_families(const struct setting *s, struct err *e)
{
	struct families now = sandbox_of(s)->families;
	struct span left = s->value, word;
	bool is_inverse = take_tilde(&left);

	if (span_is(s->value, "none")) {
		sandbox_of(s)->families = (struct families){ FAMILIES_ONLY, 0 };
		return 0;
	}
	if (now.kind == FAMILIES_ANY)
		now.kind = is_inverse ? FAMILIES_BUT : FAMILIES_ONLY;
	while (span_word(&left, " \t", &word)) {
		int family = family_find(word);

		if (family < 0)
			return err_say(e, "not an address family: %.*s", SPAN_ARGS(word));
		if (is_inverse == (now.kind == FAMILIES_BUT))
			now.listed |= UINT64_C(1) << family;
		else
			now.listed &= ~(UINT64_C(1) << family);
	}
	sandbox_of(s)->families = now;
	return 0;
}

/* --- System calls --- */

/* What a denied call returns; of more only the number is known. */
static int error_of(struct span text)
{
	static const struct {
		char name[13];
		int16_t number;
	} rows[] = {
		{ "EPERM", EPERM },     { "ENOENT", ENOENT },   { "EIO", EIO },
		{ "ENXIO", ENXIO },     { "EBADF", EBADF },     { "EAGAIN", EAGAIN },
		{ "ENOMEM", ENOMEM },   { "EACCES", EACCES },   { "EBUSY", EBUSY },
		{ "EEXIST", EEXIST },   { "ENODEV", ENODEV },   { "EINVAL", EINVAL },
		{ "ENOTTY", ENOTTY },   { "ENOSPC", ENOSPC },   { "EROFS", EROFS },
		{ "ENOSYS", ENOSYS },   { "EUCLEAN", EUCLEAN }, { "ENOTSUP", EOPNOTSUPP },
		{ "EOPNOTSUPP", EOPNOTSUPP },       { "EAFNOSUPPORT", EAFNOSUPPORT },
		{ "ECONNREFUSED", ECONNREFUSED },   { "ECANCELED", ECANCELED },
	};
	uint64_t number;

	if (span_is(text, "kill"))
		return CALL_KILLED;
	if (span_uint(text, 4095, &number))
		return number ? (int)number : CALL_DENIED;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(text, rows[i].name))
			return rows[i].number;
	return CALL_DENIED;
}

int parse_call_error(const struct setting *s, struct err *e)
{
	int error = error_of(s->value);

	if (error == CALL_DENIED)
		return err_say(e, "neither an error nor kill: %.*s", SPAN_ARGS(s->value));
	sandbox_of(s)->call_error = error;
	return 0;
}

static void answer_group(struct call_filter *f, uint32_t groups, int16_t answer)
{
	const struct call_row *row;

	for (unsigned i = 0; (row = calls_row(i)); i++)
		if (calls_is_member(row, groups))
			f->answer[row->number] = answer;
}

/* A name that is not known can be left out of a list that allows. Out of one that
 * denies only when it is no call of this machine. */
static int answer_name(const struct setting *s, struct call_filter *f, struct span name,
                       int16_t answer, struct err *e)
{
	const struct call_row *row = calls_find(name);

	if (row)
		f->answer[row->number] = answer;
	else if (f->allows_listed)
		load_say(s->loader, s->draft, UNIT_WARNING, "%s: no call of this machine: %.*s",
		         s->row->name, SPAN_ARGS(name));
	else if (!calls_is_foreign(name))
		return err_say(e, "not a system call: %.*s", SPAN_ARGS(name));
	return 0;
}

static int answer_word(const struct setting *s, struct call_filter *f, struct span word,
                       bool is_inverse, struct err *e)
{
	struct span name, error;
	int16_t answer = is_inverse ? CALL_DENIED : CALL_ALLOWED;
	uint32_t groups;

	span_cut(word, ':', &name, &error);
	if (error.at) {
		answer = (int16_t)error_of(error);
		if (answer == CALL_DENIED)
			return err_say(e, "neither an error nor kill: %.*s", SPAN_ARGS(error));
	}
	if (!span_starts(name, "@"))
		return answer_name(s, f, name, answer, e);
	groups = calls_group(name);
	if (!groups)
		return err_say(e, "not a group of system calls: %.*s", SPAN_ARGS(name));
	answer_group(f, groups, answer);
	return 0;
}

/* The first line says what becomes of the calls that no line names. */
static struct call_filter *filter_of(const struct setting *s, bool is_inverse)
{
	struct sandbox *box = sandbox_of(s);
	struct call_filter *f;

	if (box->calls) {
		memcpy(&f, &box->calls, sizeof f); /* const for readers, ours to fill */
		return f;
	}
	f = arena_take(s->loader->arena, 1, sizeof *f);
	box->calls = f;
	f->allows_listed = !is_inverse;
	for (unsigned i = 0; i < CALL_NUMBERS; i++)
		f->answer[i] = is_inverse ? CALL_ALLOWED : CALL_DENIED;
	if (!is_inverse)
		answer_group(f, calls_group(span_of("@default")), CALL_ALLOWED);
	return f;
}

int parse_calls(const struct setting *s, struct err *e)
{
	struct span left = s->value, word;
	bool is_inverse = take_tilde(&left);
	struct call_filter *f = filter_of(s, is_inverse);

	if (s->loader->arena->full)
		return 0;
	while (span_word(&left, " \t", &word))
		if (answer_word(s, f, word, is_inverse, e) < 0)
			return -1;
	return 0;
}

/* Another machine's calls are allowed to nobody who has a filter. */
int parse_call_machines(const struct setting *s, struct err *e)
{
#if defined(__x86_64__)
	static const char own[] = "x86-64";
#elif defined(__aarch64__)
	static const char own[] = "arm64";
#else
	static const char own[] = "native";
#endif
	struct span left = s->value, word;

	while (span_word(&left, " \t", &word))
		if (!span_is(word, "native") && !span_is(word, own))
			return err_say(e, "only native is supported, not %.*s", SPAN_ARGS(word));
	sandbox_of(s)->native_calls = true;
	return 0;
}
