#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/command.h"
#include "../base/hook.h"
#include "../base/paths.h"
#include "../base/settings.h"
#include "tell.h"
#include "verbs.h"

#define LIMIT_MS 30000 /* for each script */

static const char *const dirs[] = {
	"/etc/slate/hooks", "/usr/lib/slate/hooks", PATH_SHIPPED "/hooks", NULL,
};

static void say(void *ctx, const char *script, const char *line, int failed)
{
	(void)ctx;
	fprintf(failed ? stderr : stdout, "%s: %s%s\n", script, failed ? "failed: " : "", line);
}

static bool is_phase(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz-") == strlen(name);
}

int ctl_hooks(int argc, char **argv)
{
	struct settings s;
	char phase[64], name[128], medium[] = "SLATE_MEDIUM=" PATH_MEDIUM;
	char root[] = "SLATE_ROOT=" PATH_ROOT, path[] = "PATH=" PATH_SEARCH, home[] = "HOME=/root";
	char *environment[] = { path, home, phase, name, medium, root, NULL };
	struct hook_run run = { .dirs = dirs, .environment = environment, .limit_ms = LIMIT_MS, .say = say };
	struct err e;
	int failed;

	if (argc != 2 || !is_phase(argv[1]) || strlen(argv[1]) > 40)
		return tell_usage(argv[0]);
	if (settings_running(&s, &e) < 0)
		return tell_failed(argv[0], &e);
	run.phase = argv[1];
	snprintf(phase, sizeof phase, "SLATE_PHASE=%s", argv[1]);
	snprintf(name, sizeof name, "SLATE_NAME=%s", s.name);
	failed = hook_run_phase(&run, &e);
	if (failed < 0)
		tell_failed(argv[0], &e);
	return failed ? COMMAND_FAILED : COMMAND_DONE;
}
