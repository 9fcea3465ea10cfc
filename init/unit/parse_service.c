#include "parse.h"

#include <stdio.h>
#include <string.h>

#include "../base/keytab.h"
#include "name.h"
#include "value.h"

int parse_service_type(const struct setting *s, struct err *e)
{
	if (parse_choice(s, e) < 0)
		return -1;
	s->draft->type_set = true;
	return 0;
}

int parse_start_timeout(const struct setting *s, struct err *e)
{
	struct service_config *c = s->draft->service;
	uint64_t us;

	if (!value_time(s->value, 1000000, 1000000, &us))
		return err_say(e, "not a time span: %.*s", SPAN_ARGS(s->value));
	if (us == 0)
		us = UNIT_FOREVER;
	c->timeout_start_us = us;
	if (s->row->arg == 1)
		c->timeout_stop_us = us;
	s->draft->timeout_start_set = true;
	return 0;
}

int parse_abort_timeout(const struct setting *s, struct err *e)
{
	s->draft->timeout_abort_set = s->value.len > 0;
	if (s->value.len == 0)
		return 0;
	if (!value_time(s->value, 1000000, 1000000, &s->draft->service->timeout_abort_us))
		return err_say(e, "not a time span: %.*s", SPAN_ARGS(s->value));
	return 0;
}

bool exit_set_has_status(const struct exit_set *s, int status)
{
	return status >= 0 && status < 256 && (s->status[status / 64] >> (status % 64) & 1);
}

bool exit_set_has_signal(const struct exit_set *s, int signal)
{
	return signal > 0 && signal <= 64 && (s->signals >> (signal - 1) & 1);
}

int parse_exit_set(const struct setting *s, struct err *e)
{
	struct exit_set *set = s->member;
	struct span left = s->value, word;

	while (span_word(&left, " \t", &word)) {
		int n;

		if (value_exit_status(word, &n))
			set->status[n / 64] |= UINT64_C(1) << (n % 64);
		else if (value_signal(word, &n))
			set->signals |= UINT64_C(1) << (n - 1);
		else
			return err_say(e, "neither an exit status nor a signal: %.*s", SPAN_ARGS(word));
	}
	return 0;
}

/* A relative name is below /run. */
int parse_pid_file(const struct setting *s, struct err *e)
{
	struct span text;
	char path[4096];
	int len;

	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;
	len = snprintf(path, sizeof path, "%s%.*s", span_starts(text, "/") ? "" : "/run/",
	               SPAN_ARGS(text));
	if (len < 0 || (size_t)len >= sizeof path)
		return err_say(e, "longer than %zu bytes", sizeof path - 1);
	if (strncmp(path, "/var/run/", 9) == 0)
		memmove(path, path + 4, (size_t)len - 3);
	s->draft->service->pid_file = arena_text(s->loader->arena, path);
	return 0;
}

int parse_bus_name(const struct setting *s, struct err *e)
{
	s->draft->bus_name_set = true;
	return parse_text(s, e);
}

int parse_amount(const struct setting *s, struct err *e)
{
	if (!value_amount(s->value, s->member))
		return err_say(e, "neither a number, a percentage nor infinity: %.*s",
		               SPAN_ARGS(s->value));
	return 0;
}

int parse_quota(const struct setting *s, struct err *e)
{
	uint64_t share;

	if (!value_percent(s->value, 10000000, &share) || share == 0)
		return err_say(e, "not a percentage: %.*s", SPAN_ARGS(s->value));
	s->draft->service->exec_config.cgroup.cpu_quota_us = share * 100;
	return 0;
}

int parse_weight(const struct setting *s, struct err *e)
{
	uint64_t weight;

	/* "idle" is the smallest share there is, by its own knob of the kernel. */
	if (span_is(s->value, "idle"))
		weight = 1;
	else if (!span_uint(s->value, 10000, &weight) || weight == 0)
		return err_say(e, "not a number from 1 to 10000: %.*s", SPAN_ARGS(s->value));
	memcpy(s->member, &weight, sizeof weight);
	return 0;
}

int parse_slice(const struct setting *s, struct err *e)
{
	struct name_parts p;
	struct span text;

	if (parse_expand(s, s->value, &text, e) < 0)
		return -1;
	if (!name_parse(text, &p) || p.type != UNIT_SLICE)
		return err_say(e, "not the name of a slice: %.*s", SPAN_ARGS(text));
	s->draft->service->exec_config.cgroup.slice = arena_copy(s->loader->arena, text);
	return 0;
}

/* yes, no, or a list of controllers, which means yes. */
int parse_delegate(const struct setting *s, struct err *e)
{
	bool *delegate = s->member;
	struct span left = s->value, word;

	*delegate = true;
	if (keytab_bool(s->value, delegate))
		return 0;
	while (span_word(&left, " \t", &word))
		for (size_t i = 0; i < word.len; i++)
			if ((word.at[i] < 'a' || word.at[i] > 'z') && word.at[i] != '-')
				return err_say(e, "not a controller: %.*s", SPAN_ARGS(word));
	return 0;
}
