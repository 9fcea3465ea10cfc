#include "stage.h"

#include <stdio.h>
#include <string.h>

#include "../base/clock.h"

static struct stage_record *record_of(struct boot *b, const struct stage *s)
{
	struct stage_record *r =
		&b->stages[b->n_stages < BOOT_STAGES_MAX ? b->n_stages++ : BOOT_STAGES_MAX - 1];

	*r = (struct stage_record){ .name = s->name };
	return r;
}

static int run_once(const struct stage *s, struct boot *b, struct stage_record *r, struct err *e)
{
	*e = (struct err){ 0 };
	r->start_us = clock_now_us();

	int result = s->run(b, e);

	r->end_us = clock_now_us();
	r->result = result < 0                    ? STAGE_FAILED
	            : result == STAGE_WAS_SKIPPED ? STAGE_SKIPPED
	                                          : STAGE_OK;
	if (result < 0)
		err_wrap(e, "%s", s->name);
	snprintf(r->error, sizeof r->error, "%.*s", (int)sizeof r->error - 1, e->text);
	return result;
}

static int run_stage(const struct stage *s, struct boot *b, const struct stage_actions *actions)
{
	struct stage_record *r = record_of(b, s);
	struct err e;

	while (run_once(s, b, r, &e) < 0) {
		if (s->on_fail == CARRY_ON) {
			boot_degrade(b, "%s; going on without it", e.text);
			break;
		}
		if (!actions->rescue(b, s, &e))
			return -1;
	}
	if (s->phase)
		actions->hooks(b, s->phase);
	return 0;
}

int stage_run_all(const struct stage *stages, size_t n, struct boot *b,
                  const struct stage_actions *actions)
{
	for (const struct stage *s = stages; s < stages + n; s++) {
		if (strcmp(b->settings.break_stage, s->name) == 0)
			actions->pause(b, s);
		if (run_stage(s, b, actions) < 0)
			return -1;
	}
	return 0;
}
