#include "commands.h"

#include "verbs.h"

static const struct command rows[] = {
	{ "diff", "[-qu] [--image | GENERATION [GENERATION]] [PATH…] [--all] [--brief] [--exit-code] [--json]",
	  "what changed since the last save, or between generations; -u: lines", verb_diff },
	{ "list", "[-v]", "what a save would keep", verb_list },
	{ "generations", "[--json]", "what is saved on the medium", verb_generations },
	{ "include", "[-rv] PATH… | -l", "save these paths too", verb_include },
	{ "exclude", "[-rv] PATH… | -l", "never save these paths", verb_exclude },
	{ "key", "[new FILE]", "the key that saves are signed with; new: make a key file",
	  verb_key },
	{ "passphrase", "", "choose the passphrase that saves are encrypted with",
	  verb_passphrase },
	{ "learn", "[--add] [--exit-code] [--json]",
	  "propose lines for save.list from what changed outside of it", verb_learn },
	{ "verify", "", "read and check everything that is saved", verb_verify },
	{ "reset", "", "boot next as the image is; generations stay", verb_reset },
};

const struct command_table overlay_commands = {
	"Saved configuration",
	rows,
	sizeof rows / sizeof *rows,
};
