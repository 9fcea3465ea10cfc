#include <stdio.h>
#include <string.h>

#include "../../image/commands.h"
#include "../../overlay/verbs/commands.h"
#include "../unit/commands.h"
#include "verbs.h"

static const struct command saving_rows[] = {
	{ "save", "[-nv] [-m MESSAGE] [--try TIME | --export FILE] [--json]",
	  "keep what changed; -n shows it only", ctl_save },
	{ "confirm", "", "keep what was saved for a trial", ctl_confirm },
	{ "restore", "[-v] [--next-boot | --restart] GENERATION",
	  "go back to an older generation, now and at the next boot", ctl_restore },
	{ "revert", "[-v] [--image] [--restart] PATH…",
	  "put files back as last saved, or else as in the image", ctl_revert },
	{ "trial", "", NULL, ctl_trial },
	{ "goback", "", NULL, ctl_goback },
	{ "seed", "[--settled | --stop]", NULL, ctl_seed },
	{ "identity", "", NULL, ctl_identity },
	{ "keep", "[--send]", NULL, ctl_keep },
};

static const struct command_table saving_commands = {
	"Saving and going back", saving_rows, sizeof saving_rows / sizeof *saving_rows,
};

static const struct command rows[] = {
	{ "status", "[--json | UNIT…]", "the machine at a glance, or units in full", ctl_status },
	{ "units", "[--all] [--failed] [--type=TYPE] [--json]", "the units and their states", ctl_list },
	{ "start", "[--no-wait] UNIT…", "start units, and wait until they are up", ctl_units },
	{ "stop", "[--no-wait] UNIT…", "stop units", ctl_units },
	{ "restart", "[--no-wait] UNIT…", "stop and start units", ctl_units },
	{ "try-restart", "[--no-wait] UNIT…", "restart those that are up", ctl_units },
	{ "reload", "[--no-wait] UNIT…", "have units read their configuration again", ctl_units },
	{ "reload-or-restart", "[--no-wait] UNIT…", "reload those that can, restart the others", ctl_units },
	{ "kill", "[-s SIGNAL] [--main] UNIT…", "send a signal to a unit's processes", ctl_kill },
	{ "isolate", "TARGET", "start a target and stop all else", ctl_isolate },
	{ "reset-failed", "[UNIT…]", "forget that units have failed", ctl_reset_failed },
	{ "is-active", "[-q] UNIT…", "is one of them up", ctl_is },
	{ "is-failed", "[-q] UNIT…", "has one of them failed", ctl_is },
	{ "show", "[-p NAME,…] [--value] UNIT…", "properties of units, by systemd's names", ctl_show },
	{ "daemon-reload", "", "read all unit files anew", ctl_daemon_reload },
	{ "daemon-reexec", "", "have slate-init replace itself, after an update", ctl_daemon_reexec },
	{ "log", "[-f] [-n LINES] UNIT…", "what units have written", ctl_log },
	{ "analyze", "[plot]", "where the boot's time went; plot: as a picture (SVG)", ctl_analyze },
	{ "harden", "[--json] [--apply end] [PROFILE]",
	  "what protects this machine: wanted, found, and why", ctl_harden },
	{ "sysctl", "kernel | net", NULL, ctl_sysctl },
	{ "reboot", "[-f] [--at-most=N]", "stop everything and restart the machine", ctl_power },
	{ "restarts", "[--forget]", "how often in a row the machine has restarted itself",
	  ctl_restarts },
	{ "poweroff", "[-f]", "stop everything and switch off", ctl_power },
	{ "halt", "[-f]", "stop everything and halt", ctl_power },
	{ "kexec", "[-f]", "stop everything and start the kernel that was loaded", ctl_power },
};

static const struct command_table service_commands = {
	"Services and the machine", rows, sizeof rows / sizeof *rows,
};

static const struct command_table *const tables[] = {
	&saving_commands, &overlay_commands, &service_commands, &unit_commands, &image_commands,
};

static const struct command *find(const char *name)
{
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
		for (size_t i = 0; i < tables[t]->n; i++)
			if (strcmp(tables[t]->rows[i].name, name) == 0)
				return &tables[t]->rows[i];
	return NULL;
}

void print_help(void)
{
	printf("slate VERB [ARGUMENTS]; slate VERB --help says more\n");
	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		printf("\n%s:\n", tables[t]->title);
		for (size_t i = 0; i < tables[t]->n; i++)
			if (tables[t]->rows[i].help)
				printf("  %-18s %s\n", tables[t]->rows[i].name, tables[t]->rows[i].help);
	}
}

int print_verb_help(const char *name)
{
	const struct command *c = find(name);

	if (!c || !c->args)
		return -1;
	printf("slate %s%s%s\n", c->name, c->args[0] ? " " : "", c->args);
	if (c->help)
		printf("  %s\n", c->help);
	return 0;
}

int run_verb(const char *name, int argc, char **argv)
{
	const struct command *c = find(name);

	if (!c) {
		fprintf(stderr, "slate: no such verb: %s; slate --help lists them\n", name);
		return 2;
	}
	if (argc == 2 && strcmp(argv[1], "--help") == 0 && c->args)
		return print_verb_help(name) < 0 ? 2 : 0;
	return c->run(argc, argv);
}
