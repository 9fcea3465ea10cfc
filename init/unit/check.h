/* check: says of each line of unit files what becomes of it. */
#ifndef UNIT_CHECK_H
#define UNIT_CHECK_H

#include <stdio.h>

#include "set.h"

struct check_options {
	struct unit_source source;
	FILE *out;
	bool brief; /* only lines that are not honoured or harmless */
};

/* Checks a file (its path has a slash) or the unit of that name.
 * 1: it would run; 0: it would be refused; -1 with *e: there is nothing to check. */
int check_unit(const struct check_options *o, const char *what, struct err *e);

/* Checks every unit that `goal` pulls in. As above: 0 when one would be refused. */
int check_goal(const struct check_options *o, const char *goal, struct err *e);

#endif
