/* unitfile: the text of a unit file as a row of assignments.
 *
 * Sections, comments (# and ;), and lines continued by a backslash, as in
 * systemd.syntax(7). Nothing is interpreted further: values are as written, with
 * continued lines joined by a blank.  */
#ifndef UNIT_UNITFILE_H
#define UNIT_UNITFILE_H

#include "../base/err.h"
#include "../base/span.h"

#define UNITFILE_VALUE_MAX ((size_t)128 << 10) /* bytes of a value, continued lines joined */

struct unitfile {
	struct span left;    /* text not read yet */
	unsigned line;       /* number of the line last read, from 1 */
	char section[64];    /* in force; "" before the first */
	char *joined;        /* caller's buffer of UNITFILE_VALUE_MAX bytes */
};

struct unitfile_line {
	unsigned line;       /* where it starts */
	struct span section, name, value; /* good until the next call */
};

void unitfile_open(struct unitfile *f, struct span text, char *joined);

/* 1: an assignment; 0: the end; -1: a line that is none, *e says why and
 * out->line where. Reading may go on after it. */
int unitfile_next(struct unitfile *f, struct unitfile_line *out, struct err *e);

#endif
