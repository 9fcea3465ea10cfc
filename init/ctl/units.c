#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../base/command.h"
#include "../base/control.h"
#include "../unit/value.h"
#include "client.h"
#include "tell.h"
#include "verbs.h"

static int unit_failed(const char *verb, const char *unit, const struct err *e)
{
	fprintf(stderr, "slate: %s: %s %s\n", verb, unit, e->text);
	return COMMAND_FAILED;
}

/* --- start, stop, restart, … --- */

/* A job of many units is asked for at once, so that they run side by side; what
 * failed is then looked at one by one. */
static void name_failed(char **names)
{
	for (; *names; names++) {
		const char *one[] = { *names, NULL };
		struct unit_list list;
		struct err e;

		if (client_units(one, &list, &e) < 0 || list.n == 0)
			continue;
		if (strcmp(list.at[0].active, "failed") == 0) {
			fprintf(stderr, "slate: %s: %s%s%s\n", list.at[0].name, list.at[0].result,
			        list.at[0].exit[0] ? ": " : "", list.at[0].exit);
			log_tail(list.at[0].name, 5, "  ");
		}
		unit_list_free(&list);
	}
}

int ctl_units(int argc, char **argv)
{
	const char *words[CONTROL_ARGS_MAX + 3] = { argv[0] };
	size_t n = 1;
	int first = 1;
	struct err e;

	while (first < argc && argv[first][0] == '-') {
		if (strcmp(argv[first], "--no-block") != 0 && strcmp(argv[first], "--no-wait") != 0)
			return tell_usage(argv[0]);
		words[n++] = "--no-wait";
		first++;
	}
	if (first == argc || argc - first > CONTROL_ARGS_MAX)
		return tell_usage(argv[0]);
	for (int i = first; i < argc; i++)
		words[n++] = argv[i];
	if (client_ask(words, NULL, NULL, &e) == 0)
		return COMMAND_DONE;
	if (argc - first == 1)
		unit_failed(argv[0], argv[first], &e);
	else
		tell_failed(argv[0], &e);
	if (!e.code && strcmp(argv[0], "stop") != 0) {
		fflush(stderr);
		name_failed(argv + first);
	}
	return COMMAND_FAILED;
}

int ctl_isolate(int argc, char **argv)
{
	const char *words[] = { "isolate", argc > 1 ? argv[1] : NULL, NULL };
	struct err e;

	if (argc != 2)
		return tell_usage(argv[0]);
	return client_ask(words, NULL, NULL, &e) < 0 ? unit_failed(argv[0], argv[1], &e)
	                                             : COMMAND_DONE;
}

int ctl_reset_failed(int argc, char **argv)
{
	const char *words[CONTROL_ARGS_MAX + 2] = { "reset-failed" };
	struct err e;

	if (argc > CONTROL_ARGS_MAX)
		return tell_usage(argv[0]);
	for (int i = 1; i < argc; i++)
		words[i] = argv[i];
	return client_ask(words, NULL, NULL, &e) < 0 ? tell_failed(argv[0], &e) : COMMAND_DONE;
}

int ctl_daemon_reload(int argc, char **argv)
{
	const char *words[] = { "daemon-reload", NULL };
	struct err e;

	if (argc != 1)
		return tell_usage(argv[0]);
	return client_ask(words, NULL, NULL, &e) < 0 ? tell_failed(argv[0], &e) : COMMAND_DONE;
}

int ctl_daemon_reexec(int argc, char **argv)
{
	const char *words[] = { "daemon-reexec", NULL };
	struct err e;

	if (argc != 1)
		return tell_usage(argv[0]);
	/* slate-init does not answer but hangs up when it has become another */
	if (client_ask(words, NULL, NULL, &e) < 0 && e.code != EPIPE && e.code != ECONNRESET)
		return tell_failed(argv[0], &e);
	return COMMAND_DONE;
}

/* --- is-active, is-failed --- */

int ctl_is(int argc, char **argv)
{
	const char *wanted = strcmp(argv[0], "is-failed") == 0 ? "failed" : "active";
	bool quiet = argc > 1 && (strcmp(argv[1], "-q") == 0 || strcmp(argv[1], "--quiet") == 0);
	int first = quiet ? 2 : 1, found = 0;

	if (first >= argc)
		return tell_usage(argv[0]);
	for (int i = first; i < argc; i++) {
		const char *one[] = { argv[i], NULL };
		struct unit_list list;
		struct err e = { 0 };
		const char *active = "inactive";

		if (client_units(one, &list, &e) < 0 && e.code)
			return tell_failed(argv[0], &e);
		if (list.n)
			active = list.at[0].active;
		if (!quiet)
			puts(active);
		/* a reload does not take it down */
		found |= strcmp(active, wanted) == 0 ||
		         (strcmp(wanted, "active") == 0 && strcmp(active, "reloading") == 0);
		unit_list_free(&list);
	}
	/* systemctl's status for "not active", which scripts look for */
	return found ? COMMAND_DONE : strcmp(wanted, "failed") == 0 ? 1 : 3;
}

/* --- kill --- */

/* 0: no signal is called that. People type names in small letters, too. */
static int signal_number(const char *text)
{
	char upper[16];
	size_t len = strlen(text);
	int number;

	if (len >= sizeof upper)
		return 0;
	for (size_t i = 0; i <= len; i++)
		upper[i] = (char)toupper((unsigned char)text[i]);
	return value_signal(span_of(upper), &number) ? number : 0;
}

/* "-s SIG", "-sSIG", "--signal=SIG", "-SIG"; NULL: argv[*i] is none of these. */
static const char *signal_option(char **argv, int *i)
{
	const char *word = argv[*i];

	if (strncmp(word, "--signal=", 9) == 0)
		return word + 9;
	if (strcmp(word, "-s") == 0 || strcmp(word, "--signal") == 0)
		return argv[*i + 1] ? argv[++*i] : "";
	if (strncmp(word, "-s", 2) == 0)
		return word + 2;
	return word[0] == '-' && word[1] && word[1] != '-' ? word + 1 : NULL;
}

int ctl_kill(int argc, char **argv)
{
	const char *words[CONTROL_ARGS_MAX + 2] = { "kill" };
	const char *who = "all", *text;
	int sig = SIGTERM, i = 1;
	char number[16];
	size_t n = 3;
	struct err e;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--main") == 0 || strcmp(argv[i], "--kill-whom=main") == 0 ||
		    strcmp(argv[i], "--kill-who=main") == 0)
			who = "main";
		else if (strcmp(argv[i], "--kill-whom=all") == 0)
			who = "all";
		else if (!(text = signal_option(argv, &i)) || !(sig = signal_number(text)))
			return tell_usage(argv[0]);
	}
	if (i == argc || argc - i + 3 > CONTROL_ARGS_MAX)
		return tell_usage(argv[0]);
	snprintf(number, sizeof number, "%d", sig);
	words[1] = number;
	words[2] = who;
	for (; i < argc; i++)
		words[n++] = argv[i];
	return client_ask(words, NULL, NULL, &e) < 0 ? tell_failed(argv[0], &e) : COMMAND_DONE;
}
