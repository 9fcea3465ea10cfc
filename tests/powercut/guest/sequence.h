/* sequence: the ways of saving that are compared.
 *
 * Each takes the box's changes to the mounted medium, which is read-only before;
 * when it returns 0 the save counts as acknowledged.  */
#ifndef POWERCUT_SEQUENCE_H
#define POWERCUT_SEQUENCE_H

#include "../../../init/base/err.h"

struct sequence {
	const char *name;
	int (*save)(struct err *e);
	int (*reset)(struct err *e); /* NULL: has none */
};

const struct sequence *sequence_find(const char *name); /* NULL: none */

#endif
