/* commands: `slate image …`, which makes and describes bootable media. */
#ifndef IMAGE_COMMANDS_H
#define IMAGE_COMMANDS_H

#include "../init/base/command.h"

extern const struct command_table image_commands;

#endif
