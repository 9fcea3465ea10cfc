/* fleetfile: what one file says of many machines, and what of it is said to this one.
 *
 *     # all of them
 *     [default]
 *     slate.save=http://server/saved/{MAC}.apkovl.tar.gz
 *     [52:54:00:12:34:56 52:54:00:12:34:57]
 *     slate.hostname=till-1
 *     files=till.tar.gz motd.txt:/etc/motd
 *     [serial:CZC1234567]
 *     [kiosk-*]
 *
 * A section is for machines by the addresses of their network cards, by the serial
 * number of their firmware, or by their host name; [default] is for all and counts
 * first, wherever it stands, then the others in the order of the file. Keys are those
 * of slate.conf(5), but for files=. The text is foreign: it is refused as a whole where
 * a line can't be read, which is named by its number.  */
#ifndef BOOT_FLEETFILE_H
#define BOOT_FLEETFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "../base/err.h"
#include "../base/span.h"

enum {
	FLEETFILE_MAX = 1 << 20, /* bytes of a file */
	FLEETFILE_CONF_MAX = 8192,
	FLEETFILE_LINES_MAX = 128, /* for one machine */
	FLEETFILE_FILES_MAX = 16,
	FLEETFILE_MACS_MAX = 16,
};

/* Who asks; "" and 0: not known. */
struct fleetfile_machine {
	char macs[FLEETFILE_MACS_MAX][24]; /* "52-54-00-12-34-56" */
	size_t n_macs;
	char serial[64];
	char hostname[65];
};

/* One word of files=: FROM, an archive, or FROM:/TO, a file. */
struct fleetfile_put {
	unsigned line;
	char from[400]; /* a URL, medium:PATH, or a path beside the fleet's file */
	char to[256];   /* relative to the root; "": an archive */
};

struct fleetfile {
	bool matched;                  /* some section is for this machine */
	char conf[FLEETFILE_CONF_MAX]; /* in slate.conf's format, terminated */
	unsigned lines[FLEETFILE_LINES_MAX]; /* the number in the file of each line of it */
	size_t n_lines;
	struct fleetfile_put files[FLEETFILE_FILES_MAX];
	size_t n_files;
};

/* 0 also where nothing is for this machine; -1 with *e. */
int fleetfile_decode(struct span text, const struct fleetfile_machine *m, struct fleetfile *out,
                     struct err *e);

/* Do both say the same, wherever in their files? */
bool fleetfile_same(const struct fleetfile *a, const struct fleetfile *b);

#endif
