/* hardened: what of a row of the hardening table the running kernel has. */
#ifndef BASE_HARDENED_H
#define BASE_HARDENED_H

#include <stdbool.h>

#include "hardening.h"

enum hardened_state {
	HARDENED_OK,
	HARDENED_DIFFERS,
	HARDENED_LACKING, /* this kernel has no such setting, or there is no such mount */
	HARDENED_KEPT,    /* the site wants it left alone */
};

struct hardened {
	enum hardened_state state;
	char found[160]; /* "": nothing */
};

void hardened_look(const struct hardening_row *row, struct hardened *out);

/* Sets what is not as wanted. 0, also where the kernel lacks it; -1 with *e: it is
 * still not as wanted. A word of the command line can't be set any more: nothing is
 * done about it, and 0 returned. */
int hardened_set(const struct hardening_row *row, struct err *e);

/* Sets each row that `picks` says true of and that the site does not keep. `say` hears of
 * those that are kept (failed: false) and of those that are not as wanted. Returns how
 * many those are. */
unsigned hardened_apply(const struct hardening *h, bool (*picks)(const struct hardening_row *row),
                        void (*say)(void *ctx, const char *text, bool failed), void *ctx);

#endif
