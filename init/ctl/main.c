/* slate: the tool. Also called lbu, systemctl, reboot, poweroff, halt, shutdown. */
#include <stdio.h>
#include <string.h>

#include "../../overlay/verbs/lbu.h"
#include "../base/command.h"
#include "../base/relro.h"
#include "verbs.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} names[] = {
	{ "systemctl", systemctl_main },
	{ "shutdown", ctl_shutdown },
	{ "reboot", ctl_power },
	{ "poweroff", ctl_power },
	{ "halt", ctl_power },
};

static char *base_name(char *path)
{
	char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
	relro_apply();
	if (argc < 1)
		return COMMAND_USAGE;
	argv[0] = base_name(argv[0]);
	if (strcmp(argv[0], "lbu") == 0 || strncmp(argv[0], "lbu_", 4) == 0)
		return lbu_main(argc, argv);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(argv[0], names[i].name) == 0)
			return names[i].run(argc, argv);
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_help();
		return argc < 2 ? COMMAND_USAGE : COMMAND_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("slate %s\n", SLATE_VERSION);
		return COMMAND_DONE;
	}
	return run_verb(argv[1], argc - 1, argv + 1);
}
