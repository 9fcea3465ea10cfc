/* seed: what the medium remembers of each boot, as units: a seed for the random generator,
 * the time, and the versions of the images that have run. */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../../overlay/identity/keepstate.h"
#include "../../overlay/identity/seed.h"
#include "../base/command.h"
#include "../base/fd.h"
#include "../base/paths.h"
#include "../base/settings.h"
#include "tell.h"
#include "verbs.h"

enum { READY_S = 30 };

static bool renew(void *ctx, struct statefile *s)
{
	(void)ctx;
	s->time = (int64_t)time(NULL);
	seed_renew(s);
	return true;
}

/* The new seed is on the medium before the old one is credited. Where the old one is
 * none to credit, the new one waits for a generator that is ready. */
static void carry_seed(void)
{
	const struct keepstate k = { renew, NULL };
	struct statefile old;
	struct err e, why;

	if (keepstate_read(&old, &e) < 0)
		tell("random seed: %s", e.text);
	if (seed_mix(&old, &e) < 0)
		tell("random seed: %s", e.text);
	if (!old.has_seed || !old.seed_good)
		seed_wait_ready(READY_S);
	if (keepstate(&k, &e) < 0)
		tell("random seed: not stored, so the old one is not credited: %s", e.text);
	else if (seed_credit(&old, &why) < 0)
		tell("random seed: %s", why.text);
	sodium_memzero(&old, sizeof old);
}

struct seen {
	char text[4096];
	bool full;
};

static bool raise_all(void *ctx, struct statefile *s)
{
	struct seen *seen = ctx;
	struct span all = span_of(seen->text), line, name, value;
	bool any = false;

	while (span_line(&all, &line)) {
		char image[65];
		uint64_t version;

		span_cut(line, '=', &name, &value);
		if (!span_copy(name, image, sizeof image) || !span_uint(value, INT64_MAX, &version))
			continue;

		int raised = statefile_raise(s, image, version);

		any |= raised > 0;
		seen->full |= raised < 0;
	}
	return any;
}

/* The images of this boot have carried it far enough: none older runs from now on. */
static int settled(void)
{
	struct seen seen = { .full = false };
	const struct keepstate k = { raise_all, &seen };
	struct err e;

	if (fd_read_file(AT_FDCWD, PATH_VERSIONS, seen.text, sizeof seen.text, &e) < 0)
		return COMMAND_DONE;
	if (keepstate(&k, &e) < 0) {
		tell_degraded("image: its version can't be remembered: %s; an older one would be "
		              "accepted",
		              e.text);
		return COMMAND_DONE;
	}
	if (seen.full)
		tell_degraded("image: the versions of more than %d images can't be remembered",
		              STATEFILE_IMAGES_MAX);
	return COMMAND_DONE;
}

static int stop(void)
{
	const struct keepstate k = { renew, NULL };
	struct err e;

	if (keepstate(&k, &e) < 0)
		tell("clock and random seed: not stored: %s", e.text);
	return COMMAND_DONE;
}

int ctl_seed(int argc, char **argv)
{
	struct settings s;
	struct err e;

	if (argc > 2 ||
	    (argc == 2 && strcmp(argv[1], "--settled") != 0 && strcmp(argv[1], "--stop") != 0))
		return tell_usage(argv[0]);
	if (settings_running(&s, &e) < 0)
		return tell_failed(argv[0], &e);
	if (s.identity == IDENTITY_NO)
		return COMMAND_DONE;
	if (argc == 2)
		return strcmp(argv[1], "--settled") == 0 ? settled() : stop();
	carry_seed();
	return COMMAND_DONE;
}
