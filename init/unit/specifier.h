/* specifier: what %n, %i, %H and their like stand for in unit files.
 *
 * See systemd.unit(5), "Specifiers". The machine's facts are read once, when the
 * first is asked for; those of users are the administrator's (root), which is
 * what the system manager has.  */
#ifndef UNIT_SPECIFIER_H
#define UNIT_SPECIFIER_H

#include "unit.h"

/* What is known about the machine whose root is `root`; start from {0} with
 * `root` set. Unknown facts are "". */
struct machine {
	int root; /* borrowed */
	bool read;
	char hostname[256], short_hostname[256], pretty_hostname[256];
	char machine_id[64], boot_id[64], kernel[128], architecture[32];
	char os[6][128]; /* values of os-release: in the order of os_fields in specifier.c */
};

/* Reads the facts if that has not happened yet. */
void machine_read(struct machine *m);

/* Expands `text` for the unit called `name` into buf, terminated. `fragment` is
 * the path of its file, or NULL. 0, or -1 with *e: an unknown specifier, or no
 * room. A % at the end, or in front of a blank, stands for itself. */
int specifier_expand(struct machine *m, const char *name, const char *fragment, struct span text,
                     char *buf, size_t size, struct err *e);

#endif
