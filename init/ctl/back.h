/* back: the service side of going back to an earlier configuration.  */
#ifndef CTL_BACK_H
#define CTL_BACK_H

#include <stdbool.h>

#include "../base/names.h"

/* Services that read what changed: they are restarted, after slate-init has read
 * changed unit files anew, or, without `restart`, named on standard output. What can't
 * be done is said on standard error, after `verb`. 0, or -1 when something could not. */
int back_services(const char *verb, const struct names *changed, bool restart);

#endif
