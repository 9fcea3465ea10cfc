/* commands: the verbs of `slate` that deal with saved configuration.  */
#ifndef OVERLAY_COMMANDS_H
#define OVERLAY_COMMANDS_H

#include "../../init/base/command.h"

extern const struct command_table overlay_commands;

#endif
