#include "keytab.h"

#include <inttypes.h>
#include <string.h>

bool keytab_bool(struct span value, bool *out)
{
	static const char *const yes[] = { "yes", "1", "true", "on", "y" };
	static const char *const no[] = { "no", "0", "false", "off", "n" };

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (!span_is(value, yes[i]) && !span_is(value, no[i]))
			continue;
		*out = span_is(value, yes[i]);
		return true;
	}
	return false;
}

static int set_text(const struct key *k, struct span value, char *member, struct err *e)
{
	if (!span_copy(value, member, k->size))
		return err_say(e, "%s: longer than %zu characters", k->name, k->size - 1);
	return 1;
}

static int set_uint(const struct key *k, struct span value, void *member, struct err *e)
{
	uint64_t n;

	if (span_is(value, "no") && k->min == 0)
		n = 0;
	else if (!span_uint(value, k->max, &n) || n < k->min)
		return err_say(e, "%s: not a number from %" PRIu64 " to %" PRIu64 ": %.*s", k->name,
		               k->min, k->max, SPAN_ARGS(value));
	memcpy(member, &n, sizeof n);
	return 1;
}

static int set_flag(const struct key *k, struct span value, void *member, struct err *e)
{
	bool on;

	if (!keytab_bool(value, &on))
		return err_say(e, "%s: neither yes nor no: %.*s", k->name, SPAN_ARGS(value));
	memcpy(member, &on, sizeof on);
	return 1;
}

static int set_choice(const struct key *k, struct span value, void *member, struct err *e)
{
	char list[160] = "";
	size_t used = 0;

	for (int i = 1; k->choices[i]; i++) {
		if (span_is(value, k->choices[i])) {
			memcpy(member, &i, sizeof i);
			return 1;
		}
		size_t len = strlen(k->choices[i]);

		if (used + len + 3 > sizeof list)
			continue;
		if (used)
			memcpy(list + used, ", ", 3), used += 2;
		memcpy(list + used, k->choices[i], len + 1);
		used += len;
	}
	return err_say(e, "%s: not one of %s: %.*s", k->name, list, SPAN_ARGS(value));
}

static int set(const struct key *k, struct span value, void *member, struct err *e)
{
	if (!value.at) {
		if (!k->bare)
			return err_say(e, "%s: needs a value", k->name);
		value = span_of(k->bare);
	}
	switch (k->kind) {
	case KEY_KIND_TEXT:
		return set_text(k, value, member, e);
	case KEY_KIND_UINT:
		return set_uint(k, value, member, e);
	case KEY_KIND_FLAG:
		return set_flag(k, value, member, e);
	case KEY_KIND_CHOICE:
		return set_choice(k, value, member, e);
	case KEY_KIND_NONE:
		break;
	}
	return err_say(e, "%s: the table has no kind for it", k->name);
}

int keytab_set(const struct key *keys, size_t n, struct span name, struct span value, void *into,
               struct err *e)
{
	for (const struct key *k = keys; k < keys + n; k++)
		if (span_is(name, k->name))
			return set(k, value, (char *)into + k->offset, e);
	return 0;
}
