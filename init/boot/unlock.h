/* unlock: asks on the console for the passphrase of saved configuration.
 *
 * Three wrong ones, an empty one, or a minute without a key end it, for the whole
 * boot: a machine that nobody stands at comes up without its configuration.  */
#ifndef BOOT_UNLOCK_H
#define BOOT_UNLOCK_H

#include "../../overlay/slot/archive.h"
#include "boot.h"

/* For struct restore_plan, ctx a struct boot. The secret is left in PATH_KEYS. */
int unlock_ask(void *boot, const struct archive *archive, struct err *e);

#endif
