/* menu: GRUB's menu of a medium, grub.cfg. */
#ifndef IMAGE_MENU_H
#define IMAGE_MENU_H

#include <stdbool.h>
#include <stddef.h>

#include "../init/base/err.h"
#include "plan.h"

/* Writes it to `text`; where images are signed nobody at the keyboard can change the
 * command line in it. `inside_file`: for who starts the ISO as a file, which GRUB
 * then calls $iso_path. 0, or -1 with *e when it does not fit. */
int menu_write(char *text, size_t size, const struct plan *p, bool inside_file, struct err *e);

#endif
