#include "commands.h"

#include "build.h"
#include "check.h"
#include "info.h"
#include "plan.h"
#include "write.h"
#include "sign.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The sub-commands, each with its own arguments. */
static const struct command verbs[] = {
	{ "build", "--root DIR|TAR --kernel FILE --modules DIR [OPTION...] -o OUT",
	  "make OUT/vmlinuz, initramfs.img, root.squashfs, cmdline and disk.img or disk.iso of a root directory",
	  build_run },
	{ "sign", "--sign KEY [--key PUB] [--image-name NAME] [--image-version N] IMAGE...",
	  "give image files a hash tree and a signed manifest", sign_run },
	{ "verify", "--key PUB [--key PUB...] DISK|OUT|IMAGE|MANIFEST...",
	  "are the images what the key has signed, to the last byte?", check_run },
	{ "info", "[--json] FILE|OUT...", "what image files say of themselves", info_run },
	{ "write", "[--force] IMAGE DISK",
	  "put disk.img or disk.iso onto a stick and read it back; --force: also onto a fixed disk, or one in use",
	  write_run },
};

static void usage(FILE *to)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		fprintf(to, "%s slate image %s %s\n         %s\n", i ? "      " : "usage:", verbs[i].name,
		        verbs[i].args, verbs[i].help);
}

static void options_of_build(void)
{
	printf("\noptions of build:\n");
	plan_usage(stdout);
}

static bool asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int run_verb(const struct command *verb, int argc, char **argv)
{
	if (argc < 2 || !asks_for_help(argv[1]))
		return verb->run(argc, argv);
	printf("usage: slate image %s %s\n         %s\n", verb->name, verb->args, verb->help);
	if (verb->run == build_run)
		options_of_build();
	return COMMAND_DONE;
}

static int run(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (asks_for_help(verb) || strcmp(verb, "help") == 0) {
		usage(stdout);
		options_of_build();
		return COMMAND_DONE;
	}
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strcmp(verb, verbs[i].name) == 0)
			return run_verb(&verbs[i], argc - 1, argv + 1);
	if (verb[0])
		fprintf(stderr, "slate: image: unknown sub-command %s\n", verb);
	usage(stderr);
	return COMMAND_USAGE;
}

static const struct command rows[] = {
	{ "image", NULL, "make a bootable medium from a root directory", run },
};

const struct command_table image_commands = { "Images", rows, sizeof rows / sizeof *rows };
