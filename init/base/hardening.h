/* hardening: the table of what slate.harden= sets (hooks/hardening.txt), decoded.
 *
 * The format is described at the top of that file. A row with mistakes is an error:
 * a protection must not be left out in silence. The other rows are read all the same. */
#ifndef BASE_HARDENING_H
#define BASE_HARDENING_H

#include <stdbool.h>

#include "err.h"
#include "settings.h"
#include "span.h"

#define HARDENING_FILE "hardening.txt"            /* beside the hooks */
#define HARDENING_SITE "/etc/slate/harden.conf"   /* what a site wants otherwise */

enum { HARDENING_ROWS_MAX = 160 };

enum hardening_kind {
	HARDENING_NONE,
	HARDENING_BOOT,
	HARDENING_SYSCTL,
	HARDENING_MOUNT,
	HARDENING_TMPFS,
	HARDENING_BIND,
	HARDENING_LOCKDOWN,
	HARDENING_SWITCH,
};

struct hardening_row {
	enum hardening_kind kind;
	char name[64];
	char wanted[64]; /* "": a word without a value */
	char why[96];
	bool kept;       /* the site wants it left alone */
	bool early;      /* of HARDENING_BOOT: the kernel leaves the word over, known or not */
};

struct hardening {
	struct hardening_row rows[HARDENING_ROWS_MAX];
	unsigned n;
};

/* Is it about a mount: a row of HARDENING_MOUNT, _TMPFS or _BIND? */
bool hardening_is_mount(const struct hardening_row *row);

/* Reads the rows of `profile` (HARDEN_STRICT or HARDEN_HOTPLUG) out of the table's
 * text. 0, or -1 with *e, which names the first bad line. */
int hardening_read(struct span text, enum setting_harden profile, struct hardening *out, struct err *e);

/* Applies a site's file to the rows. 0, or -1 with *e, which names the first bad line:
 * one that no row fits is, too, as it may be a slip in what is to be kept. */
int hardening_apply_site(struct hardening *h, struct span text, struct err *e);

/* "strict" or "hotplug"; HARDEN_UNSET: neither. */
enum setting_harden hardening_profile_of(struct span word);

/* What was asked for at boot (PATH_HARDEN). */
enum setting_harden hardening_profile(void);

/* The rows of the running system's table, with what the site makes of them. 0, or -1 with
 * *e; what could be read is there all the same. */
int hardening_load(enum setting_harden profile, struct hardening *out, struct err *e);

/* The word of the kernel command line that a row of HARDENING_BOOT stands for:
 * "pti=on" or "nosmt". False: it does not fit. */
bool hardening_word(const struct hardening_row *row, char *word, size_t size);

#endif
