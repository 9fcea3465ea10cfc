#include "lbu.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../../init/base/span.h"
#include "../medium/medium.h"
#include "verbs.h"

struct lbu {
	struct cli cli;
	bool all, delete, encrypt, list, dry, remove;
	int n; /* arguments after the options */
	char **args;
};

static const char options[] = "adehlM:np:qrv";

/* --- The verbs; each gets what the options said --- */

static int lbu_list_request(struct lbu *l, bool exclude)
{
	struct list_request request = { .exclude = exclude,
		                        .remove = l->remove,
		                        .show = l->list,
		                        .n = l->n,
		                        .paths = l->args };

	return cli_run(&l->cli, do_list_request, &request);
}

static int run_include(struct lbu *l)
{
	return lbu_list_request(l, false);
}

static int run_exclude(struct lbu *l)
{
	return lbu_list_request(l, true);
}

static int run_list(struct lbu *l)
{
	return cli_run(&l->cli, do_list, NULL);
}

static int run_package(struct lbu *l)
{
	struct save_request request = { .file = l->n ? l->args[0] : "." };
	const bool verbose = l->cli.verbose;

	l->cli.quiet = !verbose;
	if (verbose && strcmp(request.file, "-") != 0) {
		l->cli.verbose = false;
		cli_run(&l->cli, do_list, NULL);
	}
	return cli_run(&l->cli, do_export, &request);
}

/* "usb", a label or a device: there is one medium, so it can only be that one. */
static int check_medium(struct cli *c, const char *wanted, struct err *e)
{
	struct medium_info m;
	const char *slash;

	medium_read(&c->layer, &m);
	slash = strrchr(m.device, '/');
	if (strcmp(wanted, "usb") == 0 || strcmp(wanted, m.label) == 0 ||
	    strcmp(wanted, m.device) == 0 || (slash && strcmp(wanted, slash + 1) == 0) ||
	    (strncmp(wanted, "LABEL=", 6) == 0 && strcmp(wanted + 6, m.label) == 0))
		return 0;
	return err_say(e, "%.100s is not the medium of this machine, %s is; nothing was saved",
	               wanted, m.title);
}

static int do_commit(struct cli *c, void *arg, struct err *e)
{
	const struct lbu *l = arg;
	struct save_request request = { .message = "lbu commit" };

	if (l->encrypt)
		return err_say(e, "encrypted archives can't be written; nothing was saved");
	if (l->n && check_medium(c, l->args[0], e) < 0)
		return -1;
	if (l->dry)
		return cli_changes(c, GENERATION_NEWEST, false, e) < 0 ? -1 : COMMAND_DONE;
	if (l->delete)
		cli_complain(c, "-d: older generations are kept, they give way by themselves");
	c->quiet = !c->verbose;
	c->verbose = false;
	return do_save(c, &request, e);
}

static int run_commit(struct lbu *l)
{
	return cli_run(&l->cli, do_commit, l);
}

static int do_status(struct cli *c, void *arg, struct err *e)
{
	const struct lbu *l = arg;
	struct list_request include = { .show = true }, exclude = { .show = true, .exclude = true };
	bool lists = c->verbose;

	c->verbose = false;
	if (lists) {
		printf("Include list:\n");
		if (do_list_request(c, &include, e) < 0)
			return -1;
		printf("\nExclude list:\n");
		if (do_list_request(c, &exclude, e) < 0)
			return -1;
		printf("\n");
	}
	return cli_changes(c, GENERATION_NEWEST, l->all, e) < 0 ? -1 : COMMAND_DONE;
}

static int run_status(struct lbu *l)
{
	return cli_run(&l->cli, do_status, l);
}

static int do_lbu_diff(struct cli *c, void *arg, struct err *e)
{
	(void)arg;
	c->verbose = true;
	return cli_changes(c, GENERATION_NEWEST, false, e) < 0 ? -1 : COMMAND_DONE;
}

static int run_diff(struct lbu *l)
{
	return cli_run(&l->cli, do_lbu_diff, NULL);
}

/* One number a line, for `lbu revert`: what is older than the newest. */
static int do_list_backup(struct cli *c, void *arg, struct err *e)
{
	struct generations g;
	const struct slot *s;
	int result = layer_generations(&c->layer, &g, e);

	(void)arg;
	s = slotset_newest(&g.set);
	while (result == 0 && s && (s = slotset_before(&g.set, s->record.sequence))) {
		char date[32];

		commit_date(s->record.time, date);
		printf("%" PRIu64 "%s%s\n", s->record.sequence, c->verbose ? "\t" : "",
		       c->verbose ? date : "");
	}
	generations_drop(&g);
	return result;
}

static int run_list_backup(struct lbu *l)
{
	return cli_run(&l->cli, do_list_backup, NULL);
}

static int run_revert(struct lbu *l)
{
	struct restore_request request = { .next_boot = true };

	if (l->n == 0 || !span_uint(span_of(l->args[0]), UINT64_MAX - 1, &request.which))
		return cli_usage(&l->cli, "REVISION (see lbu list-backup)");
	l->cli.quiet = !l->cli.verbose;
	return cli_run(&l->cli, do_restore, &request);
}

/* --- Names --- */

static const struct verb {
	const char *names[4];
	const char *options; /* of those above, besides -h -q -v -M */
	const char *args;
	int least; /* arguments it needs, unless -l */
	const char *help;
	int (*run)(struct lbu *l);
} verbs[] = {
	{ { "commit", "ci" }, "denp", "[-dnv] [MEDIA]", 0, "save what changed", run_commit },
	{ { "diff" }, "", "[MEDIA]", 0, "what changed since the last save, and how", run_diff },
	{ { "exclude", "ex", "delete" },
	  "rl",
	  "[-rv] FILE… | -l",
	  1,
	  "never save these",
	  run_exclude },
	{ { "include", "inc", "add" }, "rl", "[-rv] FILE… | -l", 1, "save these too", run_include },
	{ { "list", "ls" }, "", "", 0, "what would be saved", run_list },
	{ { "list-backup", "lb" }, "", "[MEDIA]", 0, "older generations", run_list_backup },
	{ { "package", "pkg" }, "ep", "[-v] [DIR | FILE | -]", 0, "write an archive", run_package },
	{ { "revert" },
	  "",
	  "REVISION [MEDIA]",
	  1,
	  "make an older generation boot next",
	  run_revert },
	{ { "status", "stat", "st" },
	  "a",
	  "[-av]",
	  0,
	  "A/D/U of files since the last save",
	  run_status },
};

static const size_t n_verbs = sizeof verbs / sizeof *verbs;

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++)
		for (size_t j = 0; j < 4 && verbs[i].names[j]; j++)
			if (strcmp(verbs[i].names[j], name) == 0)
				return &verbs[i];
	return NULL;
}

static int help(FILE *out, int status)
{
	fprintf(out, "usage: lbu VERB [OPTION…] [ARGUMENT…]\n\n");
	for (size_t i = 0; i < n_verbs; i++) {
		char names[64];

		snprintf(names, sizeof names, "%s%s%s%s%s", verbs[i].names[0],
		         verbs[i].names[1] ? "|" : "", verbs[i].names[1] ? verbs[i].names[1] : "",
		         verbs[i].names[2] ? "|" : "", verbs[i].names[2] ? verbs[i].names[2] : "");
		fprintf(out, "  %-22s %s\n", names, verbs[i].help);
	}
	fprintf(out, "\n  -h help of a verb   -q quiet   -v verbose\n");
	return status;
}

static bool set_option(struct lbu *l, int option)
{
	switch (option) {
	case 'a':
		return l->all = true;
	case 'd':
		return l->delete = true;
	case 'e':
	case 'p':
		return l->encrypt = true;
	case 'l':
		return l->list = true;
	case 'n':
		return l->dry = true;
	case 'r':
		return l->remove = true;
	case 'q':
		return l->cli.quiet = true;
	case 'v':
		return l->cli.verbose = true;
	default:
		return option == 'M';
	}
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
	struct lbu l = { .cli = { .program = "lbu", .verb = verb->names[0] } };
	int option;

	for (optind = 0; (option = getopt(argc, argv, options)) != -1;) {
		if (option == 'h') {
			printf("usage: lbu %s %s\n", verb->names[0], verb->args);
			return COMMAND_DONE;
		}
		if ((!strchr("qvM", option) && !strchr(verb->options, option)) ||
		    !set_option(&l, option))
			return cli_usage(&l.cli, verb->args);
	}
	l.n = argc - optind;
	l.args = argv + optind;
	if (l.n < verb->least && !l.list)
		return cli_usage(&l.cli, verb->args);
	return verb->run(&l);
}

int lbu_main(int argc, char **argv)
{
	const char *program = argc > 0 ? argv[0] : "lbu";
	const char *slash = strrchr(program, '/');
	const struct verb *verb;

	program = slash ? slash + 1 : program;
	/* lbu_commit is lbu commit */
	if (strncmp(program, "lbu_", 4) == 0 && (verb = find_verb(program + 4)))
		return run_verb(verb, argc, argv);
	if (argc < 2)
		return help(stderr, COMMAND_USAGE);
	if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0)
		return help(stdout, COMMAND_DONE);
	verb = find_verb(argv[1]);
	if (verb)
		return run_verb(verb, argc - 1, argv + 1);
	fprintf(stderr, "lbu: %s: no such verb\n", argv[1]);
	return help(stderr, COMMAND_USAGE);
}
