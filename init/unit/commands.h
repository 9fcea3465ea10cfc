/* commands: the verbs of `slate` that work on unit files: check, enable … */
#ifndef UNIT_COMMANDS_H
#define UNIT_COMMANDS_H

#include "../base/command.h"

extern const struct command_table unit_commands;

#endif
