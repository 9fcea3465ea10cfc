#include "back.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "../../overlay/verbs/verbs.h"
#include "../base/command.h"
#include "../base/control.h"
#include "../base/span.h"
#include "client.h"
#include "touched.h"
#include "verbs.h"

static int complain(const char *verb, const char *what, const struct err *e)
{
	fprintf(stderr, "slate: %s: %s: %s\n", verb, what, e->text);
	return -1;
}

/* One after the other: one that fails keeps none of the others from it. */
static int restart_services(const char *verb, const struct names *services, bool reload)
{
	const char *reload_words[] = { "daemon-reload", NULL };
	int result = 0;
	struct err e;

	if (reload && client_ask(reload_words, NULL, NULL, &e) < 0)
		result = complain(verb, "read the unit files anew", &e);
	for (size_t i = 0; i < services->n; i++) {
		const char *words[] = { "try-restart", services->at[i], NULL };

		if (client_ask(words, NULL, NULL, &e) < 0)
			result = complain(verb, services->at[i], &e);
		else
			printf("restarted %s\n", services->at[i]);
	}
	return result;
}

static void name_services(const struct names *services, bool reload)
{
	if (reload)
		printf("unit files have changed: slate daemon-reload\n");
	if (services->n == 0)
		return;
	printf("services that read what changed: slate restart");
	for (size_t i = 0; i < services->n; i++)
		printf(" %s", services->at[i]);
	putchar('\n');
}

int back_services(const char *verb, const struct names *changed, bool restart)
{
	struct names services = { 0 };
	bool reload = touched_units(changed);
	struct err e = { 0 };
	int result = touched_services(changed, &services, &e);

	if (result < 0 && !client_is_absent(&e)) {
		err_safe(&e, "what was put back is intact");
		complain(verb, "services that read what changed", &e);
	} else if (result < 0) {
		result = 0;
	} else if (restart) {
		result = restart_services(verb, &services, reload);
	} else {
		name_services(&services, reload);
	}
	fflush(stdout);
	names_drop(&services);
	return result;
}

static int finish(const char *verb, int status, struct names *changed, bool restart)
{
	if (status == COMMAND_DONE && back_services(verb, changed, restart) < 0)
		status = COMMAND_FAILED;
	names_drop(changed);
	return status;
}

/* Those of both verbs, and one that a verb has alone. */
static bool take_options(struct cli *c, int argc, char **argv, const char *own, bool *has_own,
                         bool *restart)
{
	const struct option options[] = { { own, no_argument, NULL, 'o' },
		                          { "restart", no_argument, NULL, 'r' },
		                          { "verbose", no_argument, NULL, 'v' },
		                          { NULL, 0, NULL, 0 } };
	int option;

	for (optind = 0; (option = getopt_long(argc, argv, "v", options, NULL)) != -1;)
		switch (option) {
		case 'o':
			*has_own = true;
			break;
		case 'r':
			*restart = true;
			break;
		case 'v':
			c->verbose = true;
			break;
		default:
			return false;
		}
	return true;
}

static const char restore_args[] =
	"[-v] [--next-boot | --restart] GENERATION, or [-v] [--restart] where saves go to a server";

int ctl_restore(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct restore_request request = { 0 };
	bool restart = false;

	if (!take_options(&c, argc, argv, "next-boot", &request.next_boot, &restart))
		return cli_usage(&c, restore_args);
	if (optind == argc && !request.next_boot)
		request.which = GENERATION_NEWEST;
	else if (optind != argc - 1 || (restart && request.next_boot) ||
	         !span_uint(span_of(argv[optind]), UINT64_MAX - 1, &request.which))
		return cli_usage(&c, restore_args);
	return finish(argv[0], cli_run(&c, do_restore, &request), &request.changed, restart);
}

static const char revert_args[] = "[-v] [--image] [--restart] PATH…";

int ctl_revert(int argc, char **argv)
{
	struct cli c = { .program = "slate", .verb = argv[0] };
	struct revert_request request = { 0 };
	bool restart = false;

	if (!take_options(&c, argc, argv, "image", &request.image, &restart))
		return cli_usage(&c, revert_args);
	request.n = argc - optind;
	request.paths = argv + optind;
	if (request.n == 0)
		return cli_usage(&c, revert_args);
	return finish(argv[0], cli_run(&c, do_revert, &request), &request.changed, restart);
}
