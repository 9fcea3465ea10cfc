#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/command.h"
#include "verbs.h"

/* systemctl's name, and ours with the arguments that go before the others. */
static const struct {
	const char *theirs, *ours;
} names[] = {
	{ "list-units", "units" },
	{ "force-reload", "reload-or-restart" },
	{ "condrestart", "try-restart" },
	{ "try-reload-or-restart", "reload-or-restart" },
};

/* Options that say how, not what, and that change nothing here. */
static const char *const ignored[] = {
	"--no-pager", "--no-legend", "--no-ask-password", "--system", "--plain", "-l", "--full",
	"--no-wall", "--quiet", "-q", "--legend=false",
};

static bool is_ignored(const char *word, const char *verb)
{
	/* is-active -q is more than a matter of taste */
	if (strncmp(verb, "is-", 3) == 0 && (strcmp(word, "-q") == 0 || strcmp(word, "--quiet") == 0))
		return false;
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (strcmp(word, ignored[i]) == 0)
			return true;
	return false;
}

static const char *find_verb(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-')
			return argv[i];
	return "list-units";
}

static bool takes_now(const char *verb)
{
	return strcmp(verb, "enable") == 0 || strcmp(verb, "disable") == 0 || strcmp(verb, "mask") == 0;
}

/* enable --now, disable --now */
static int run_now(const char *verb, int argc, char **argv)
{
	char start[] = "start", stop[] = "stop";

	argv[0] = strcmp(verb, "enable") == 0 ? start : stop;
	return ctl_units(argc, argv);
}

static int run_status(int argc, char **argv)
{
	int status = COMMAND_DONE;

	if (argc < 2 || argv[1][0] == '-')
		return ctl_status(argc, argv);
	for (int i = 1; i < argc; i++) {
		int one = status_unit(argv[i], 3);

		status = one ? one : status;
	}
	return status;
}

int systemctl_main(int argc, char **argv)
{
	const char *verb = find_verb(argc, argv);
	char **words = calloc((size_t)argc + 1, sizeof *words);
	bool now = false, named = false;
	int n = 1, status;

	if (!words)
		return COMMAND_FAILED;
	for (int i = 1; i < argc; i++) {
		if (!named && argv[i] == verb)
			named = true;
		else if (strcmp(argv[i], "--now") == 0 && takes_now(verb))
			now = true;
		else if (!is_ignored(argv[i], verb))
			words[n++] = argv[i];
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].theirs, verb) == 0)
			verb = names[i].ours;
	/* the tables' functions look at their name, and do not write it */
	words[0] = strdup(verb);
	status = strcmp(verb, "status") == 0 ? run_status(n, words) : run_verb(verb, n, words);
	if (status == COMMAND_DONE && now)
		status = run_now(verb, n, words);
	return status;
}
