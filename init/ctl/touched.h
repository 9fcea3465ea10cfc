/* touched: which services read files that have changed, as far as their units say.
 *
 * A service counts when one of the paths is
 *   - its unit file or one of its drop-ins;
 *   - an EnvironmentFile= of it;
 *   - a program of its command lines, or a file that is an argument there, alone or
 *     after "=" (-c /etc/x.conf, --config=/etc/x.conf), or below a directory that is;
 *   - at or below /etc/NAME, /etc/NAME.conf or /etc/default/NAME, where NAME is the
 *     unit's name, what stands before its @, or its main program's; or below one of its
 *     ConfigurationDirectory=.
 * What a program reads besides, its unit does not say, and nobody here knows.  */
#ifndef CTL_TOUCHED_H
#define CTL_TOUCHED_H

#include <stdbool.h>

#include "../base/names.h"
#include "../unit/unit.h"

/* Paths relative to the root, as members have them. */
bool touched_by(const struct unit *unit, const struct names *changed);

/* Whether unit files are among them: slate-init has to read them anew. */
bool touched_units(const struct names *changed);

/* The names of the services that are up and were touched. 0, or -1 with *e. */
int touched_services(const struct names *changed, struct names *services, struct err *e);

#endif
