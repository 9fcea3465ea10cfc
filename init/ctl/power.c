#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "../base/command.h"
#include "../base/control.h"
#include "../base/span.h"
#include "client.h"
#include "restarts.h"
#include "tell.h"
#include "verbs.h"

/* Where another init is process 1, it understands BusyBox's and sysvinit's signals
 * or has a command of its own; a signal is the common ground. */
static int signal_init(const char *verb, const char *kind)
{
	int sig = strcmp(kind, "reboot") == 0 ? SIGTERM : strcmp(kind, "halt") == 0 ? SIGUSR1 : SIGUSR2;

	if (kill(1, sig) < 0) {
		fprintf(stderr, "slate: %s: signal process 1: %s; nothing was stopped\n", verb,
		        strerror(errno));
		return COMMAND_FAILED;
	}
	return COMMAND_DONE;
}

static int force(const char *verb, const char *kind)
{
	int command = strcmp(kind, "reboot") == 0 ? RB_AUTOBOOT
	              : strcmp(kind, "halt") == 0 ? (int)RB_HALT_SYSTEM
	                                          : RB_POWER_OFF;

	sync();
	reboot(command);
	fprintf(stderr, "slate: %s: %s\n", verb, strerror(errno));
	return COMMAND_FAILED;
}

static int ask(const char *verb, const char *kind, bool now)
{
	const char *words[] = { control_verb_name(CONTROL_SHUTDOWN), kind, now ? "force" : NULL, NULL };
	struct err e;

	if (client_ask(words, NULL, NULL, &e) == 0)
		return COMMAND_DONE;
	if (client_is_absent(&e))
		return signal_init(verb, kind);
	return tell_failed(verb, &e);
}

/* --at-most=N: a restart that nobody asked for. */
static bool is_limit(const char *word, uint64_t *limit)
{
	static const char name[] = "--at-most=";

	return strncmp(word, name, strlen(name)) == 0 &&
	       span_uint(span_of(word + strlen(name)), UINT32_MAX, limit);
}

int ctl_power(int argc, char **argv)
{
	const char *kind = argv[0];
	uint64_t limit = UINT64_MAX;
	int forced = 0;
	struct err e;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-f") == 0 || strcmp(argv[i], "--force") == 0)
			forced++;
		else if (strcmp(argv[i], "-ff") == 0)
			forced += 2;
		else if (strcmp(argv[i], "-p") == 0 && strcmp(kind, "halt") == 0)
			kind = "poweroff";
		else if (strcmp(kind, "reboot") == 0 && is_limit(argv[i], &limit))
			;
		/* these change nothing here: there is no wtmp, and disks are always synced */
		else if (strcmp(argv[i], "-n") != 0 && strcmp(argv[i], "-w") != 0 &&
		         strcmp(argv[i], "-d") != 0 && strcmp(argv[i], "-h") != 0 &&
		         strcmp(argv[i], "-i") != 0 && strcmp(argv[i], "--no-wall") != 0)
			return tell_usage(argv[0]);
	}
	if (limit != UINT64_MAX && restarts_take(limit, &e) < 0)
		return tell_failed(argv[0], &e);
	/* once: the supervisor does without stopping services; twice: without it, too */
	return forced > 1 ? force(argv[0], kind) : ask(argv[0], kind, forced);
}

/* shutdown(8): only "now" and "+0" can be meant, there is no process to wait in. */
int ctl_shutdown(int argc, char **argv)
{
	const char *kind = "poweroff";

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-r") == 0 || strcmp(argv[i], "--reboot") == 0)
			kind = "reboot";
		else if (strcmp(argv[i], "-H") == 0 || strcmp(argv[i], "--halt") == 0)
			kind = "halt";
		else if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "-P") == 0 ||
		         strcmp(argv[i], "--poweroff") == 0)
			kind = "poweroff";
		else if (argv[i][0] == '-') {
			print_verb_help("shutdown");
			return COMMAND_USAGE;
		} else if (i + 1 <= argc && strcmp(argv[i], "now") != 0 && strcmp(argv[i], "+0") != 0) {
			fprintf(stderr, "slate: shutdown: %s: only \"now\" is possible; nothing was stopped\n",
			        argv[i]);
			return COMMAND_USAGE;
		} else {
			break; /* a message for the users follows, who see the console's */
		}
	}
	return ask("shutdown", kind, false);
}
