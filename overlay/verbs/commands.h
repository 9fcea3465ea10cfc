/* commands: the verbs of `slate` that deal with saved configuration.  */
#ifndef VERBS_COMMANDS_H
#define VERBS_COMMANDS_H

#include "../../init/base/command.h"

extern const struct command_table overlay_commands;

#endif
