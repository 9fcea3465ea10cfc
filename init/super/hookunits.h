/* hookunits: each script of a phase of the running system as a unit of its own.
 *
 * /etc/slate/hooks/boot.d/10-x becomes slate-hook-boot-10-x.service in PATH_UNITS: with its
 * own state, log and limit of time, and, by a drop-in of the site, its own walls. What slate
 * ships, slate-hooks-PHASE.target, does nothing but say when they run.  */
#ifndef SUPER_HOOKUNITS_H
#define SUPER_HOOKUNITS_H

#include <stddef.h>

#include "../base/report.h"

enum { HOOKUNIT_NAME_MAX = 256, HOOKUNIT_TEXT_MAX = 2048 };

enum hookunit_phase { HOOKUNIT_SYSINIT, HOOKUNIT_BOOT, HOOKUNIT_SHUTDOWN, HOOKUNIT_PHASES };

struct hookunit {
	enum hookunit_phase phase;
	const char *script;   /* its name */
	const char *path;
	const char *neighbour; /* the script before it in the phase; "": it is the first */
	const char *machine;  /* SLATE_NAME */
};

/* The unit's name. 0; -1: the script's name has a byte that none can have. */
int hookunit_name(enum hookunit_phase phase, const char *script, char name[HOOKUNIT_NAME_MAX]);

/* The unit's file. 0; -1: a name is too long, or has a byte that none can have. */
int hookunit_text(const struct hookunit *h, char text[HOOKUNIT_TEXT_MAX]);

/* Writes the units of all scripts that are there, and the links that start them, in place of
 * those of before. `machine`: the setting slate.name. What fails is reported. */
void hookunits_prepare(const struct report *report, const char *machine);

#endif
