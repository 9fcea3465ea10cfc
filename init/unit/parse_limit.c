/* Numbers that limit a process: rlimits, niceness, processors. */
#include "parse.h"

#include <string.h>

#include "value.h"

static bool limit_nice(struct span text, uint64_t *out)
{
	int64_t n;

	if (text.len && (text.at[0] == '+' || text.at[0] == '-')) {
		if (!value_int(text, -20, 19, &n))
			return false;
		*out = (uint64_t)(20 - n);
		return true;
	}
	return span_uint(text, 40, out);
}

static bool limit_value(struct span text, enum limit_unit unit, uint64_t *out)
{
	if (span_is(text, "infinity")) {
		*out = UNIT_FOREVER;
		return true;
	}
	switch (unit) {
	case LIMIT_BYTES:
		return value_size(text, 1024, out);
	case LIMIT_SECONDS:
		return value_time(text, 1, 1, out);
	case LIMIT_MICROSECONDS:
		return value_time(text, 1000000, 1, out);
	case LIMIT_NICE:
		return limit_nice(text, out);
	case LIMIT_NUMBER:
		return span_uint(text, INT64_MAX, out);
	}
	return false;
}

static unsigned find(const struct exec_config *x, int resource)
{
	unsigned i = 0;

	while (i < x->limits_n && x->limits[i].resource != resource)
		i++;
	return i;
}

int parse_limit(const struct setting *s, struct err *e)
{
	struct exec_config *x = &s->draft->service->exec_config;
	struct exec_limit new = { .resource = (int)s->row->arg };
	struct exec_limit *list = parse_room(s->loader->arena, x->limits, x->limits_n, sizeof *list);
	enum limit_unit unit = (enum limit_unit)s->row->max;
	struct span soft, hard;
	unsigned at = find(x, new.resource);

	x->limits = list;
	if (s->loader->arena->full)
		return 0;
	if (s->value.len == 0) {
		if (at < x->limits_n)
			list[at] = list[--x->limits_n];
		return 0;
	}
	span_cut(s->value, ':', &soft, &hard);
	if (!hard.at)
		hard = soft;
	if (!limit_value(soft, unit, &new.soft) || !limit_value(hard, unit, &new.hard))
		return err_say(e, "not a limit: %.*s", SPAN_ARGS(s->value));
	if (new.soft > new.hard)
		return err_say(e, "the soft limit is above the hard one: %.*s", SPAN_ARGS(s->value));
	x->limits_n += at == x->limits_n;
	list[at] = new;
	return 0;
}

static int small(const struct setting *s, int64_t min, int64_t max, int *out, struct err *e)
{
	int64_t n;

	if (!value_int(s->value, min, max, &n))
		return err_say(e, "not a number from %d to %d: %.*s", (int)min, (int)max,
		               SPAN_ARGS(s->value));
	*out = (int)n;
	return 0;
}

int parse_nice(const struct setting *s, struct err *e)
{
	struct exec_config *x = &s->draft->service->exec_config;

	x->nice_set = s->value.len > 0;
	x->nice = 0;
	return s->value.len ? small(s, -20, 19, &x->nice, e) : 0;
}

int parse_oom_score(const struct setting *s, struct err *e)
{
	struct exec_config *x = &s->draft->service->exec_config;

	x->oom_score_adjust_set = s->value.len > 0;
	x->oom_score_adjust = 0;
	return s->value.len ? small(s, -1000, 1000, &x->oom_score_adjust, e) : 0;
}

int parse_io_class(const struct setting *s, struct err *e)
{
	static const char *const names[] = { "none", "realtime", "best-effort", "idle" };
	int *io_class = s->member;

	for (int i = 0; i < 4; i++)
		if (span_is(s->value, names[i]) ||
		    (s->value.len == 1 && s->value.at[0] == (char)('0' + i))) {
			*io_class = i;
			return 0;
		}
	return err_say(e, "not one of none, realtime, best-effort, idle: %.*s", SPAN_ARGS(s->value));
}

int parse_cpus(const struct setting *s, struct err *e)
{
	struct exec_config *x = &s->draft->service->exec_config;
	struct exec_cpus *set = arena_take(s->loader->arena, 1, sizeof *set);
	struct exec_cpus new;

	if (span_is(s->value, "numa"))
		return err_say(e, "the mask of NUMA nodes is not supported");
	if (!value_cpus(s->value, &new))
		return err_say(e, "not a list of processors below %d: %.*s", EXEC_CPUS_MAX,
		               SPAN_ARGS(s->value));
	*set = new;
	for (size_t i = 0; x->cpus && i < sizeof set->bits / sizeof *set->bits; i++)
		set->bits[i] |= x->cpus->bits[i];
	x->cpus = set;
	return 0;
}
