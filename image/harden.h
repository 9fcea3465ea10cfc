/* harden: the words of the kernel command line that make a hardened machine, from the
 * table beside the hooks (init/base/hardening.h).  */
#ifndef IMAGE_HARDEN_H
#define IMAGE_HARDEN_H

#include "../init/base/err.h"
#include "../init/base/settings.h"

/* Fills `words` for the profile, each word with a blank before it; "" for none. What
 * `given` says already is meant so, and left out. `hooks` is the folder of the table.
 * 0, or -1 with *e. */
int harden_words(enum setting_harden profile, const char *hooks, const char *given, char *words,
                 size_t size, struct err *e);

#endif
