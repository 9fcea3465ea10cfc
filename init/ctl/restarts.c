#include "restarts.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../overlay/identity/keepstate.h"
#include "../base/command.h"
#include "tell.h"
#include "verbs.h"

struct taking {
	uint64_t limit;
	bool refused;
};

static bool take(void *ctx, struct statefile *s)
{
	struct taking *t = ctx;

	t->refused = s->restarts >= t->limit || s->restarts >= STATEFILE_RESTARTS_MAX;
	if (!t->refused)
		s->restarts++;
	return !t->refused;
}

int restarts_take(uint64_t limit, struct err *e)
{
	struct taking t = { .limit = limit };
	const struct keepstate k = { take, &t };

	if (keepstate(&k, e) < 0)
		return err_wrap(e, "the restart can't be counted");
	if (t.refused)
		return err_say(e, "%" PRIu64 " restarts in a row have not helped; `slate restarts "
		               "--forget` counts anew", limit);
	return 0;
}

static bool forget(void *ctx, struct statefile *s)
{
	(void)ctx;
	if (s->restarts == 0)
		return false;
	s->restarts = 0;
	return true;
}

int ctl_restarts(int argc, char **argv)
{
	const struct keepstate k = { forget, NULL };
	struct statefile s;
	struct err e;

	if (argc > 2 || (argc == 2 && strcmp(argv[1], "--forget") != 0))
		return tell_usage(argv[0]);
	if ((argc == 2 ? keepstate(&k, &e) : keepstate_read(&s, &e)) < 0)
		return tell_failed(argv[0], &e);
	if (argc == 1)
		printf("%" PRIu64 "\n", s.restarts);
	return COMMAND_DONE;
}
