#include "commands.h"

#include "verbs.h"

static const struct command rows[] = {
	{ "save", "[-nv] [-m MESSAGE] [--export FILE] [--json]",
	  "keep what changed; -n shows it only", verb_save },
	{ "diff", "[--image | GENERATION] [--all] [--brief] [--exit-code] [--json]",
	  "what changed since the last save, or since that generation", verb_diff },
	{ "list", "[-v]", "what a save would keep", verb_list },
	{ "generations", "[--json]", "what is saved on the medium", verb_generations },
	{ "restore", "GENERATION", "make an older generation the one that boots next",
	  verb_restore },
	{ "revert", "[--image] PATH…", "put files back as last saved, or else as in the image",
	  verb_revert },
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
